/** What a report states is true, and every format of every report states the same. */
import { describe, expect, it } from 'vitest';
import { FORMATS, formatsOf } from '../../../src/cli/formats.ts';
import { findAll } from '../../../src/findings/index.ts';
import { compile } from '../../../src/plan/compile.ts';
import { compileRecovery } from '../../../src/plan/recover.ts';
import { planText } from '../../../src/report/text/plan-text.ts';
import { statusOf } from '../../../src/view/status.ts';
import { believeBrick, believePeer, edit, nodeUuid, world, type World } from '../../worlds.ts';

const STYLE = { colour: false, verbose: true };
type Format = keyof typeof FORMATS;

/** Each report of this world in each of its formats, by name. */
async function reports(
  w: World,
  wanted: readonly ('status' | 'doctor' | 'plan')[],
): Promise<[string, string][]> {
  const [view, findings] = [w.view(), findAll(w.view(), w.desired)];
  const of = async (document: (typeof wanted)[number], format: Format): Promise<string> => {
    if (document === 'plan') return await FORMATS[format].plan(compile(w.desired, view).plan, STYLE);
    if (document === 'doctor')
      return await FORMATS[format].doctor({ cluster: 'c', findings, unread: [], without: [] }, STYLE);
    if (format === 'markdown') throw new Error('status has no markdown');
    return await FORMATS[format].status(statusOf(w.desired, view, findings), STYLE);
  };
  const all = wanted.flatMap((document) =>
    (['text', 'json', 'markdown'] as const)
      .filter((format) => formatsOf(document).includes(format))
      .map((format) => ({ document, format })),
  );
  return await Promise.all(
    all.map(async ({ document, format }): Promise<[string, string]> => [
      `${document} as ${format}`,
      await of(document, format),
    ]),
  );
}

/** `1>2`: glusterd on node01 says that it rejects node02. */
function rejecting(...pairs: readonly string[]): World {
  const w = world();
  edit(w.node('node02'), 'vols/v/info', (text) => `${text}network.ping-timeout=33\n`);
  for (const pair of pairs)
    believePeer(w.node(`node0${pair.slice(0, 1)}`), nodeUuid(Number(pair.slice(2))), {
      state: 'Peer Rejected',
    });
  return w;
}

describe('a plan of repairs alone', () => {
  it.each([
    ['where nothing is wrong', () => undefined],
    [
      'where something is wrong that it does not repair',
      (w: World) => void (w.node('node02').clockSkewMs = 60_000),
    ],
  ] as const)('does not say that the cluster is as the file says, %s', (_where, breakIt) => {
    const w = world();
    breakIt(w);
    const { plan } = compileRecovery({ view: w.view(), desired: w.desired, prefer: new Map() });
    expect(planText(plan, STYLE)).toMatch(/^No repairs\.$/m);
    expect(planText(compile(w.desired, w.view()).plan, STYLE)).toMatch(
      /^No changes\. .* as the file says\.$/m,
    );
  });
});

describe('a rejected peer', () => {
  it('is not connected, in any format of status', async () => {
    for (const [name, text] of await reports(rejecting('1>2', '2>1'), ['status'])) {
      expect(text, name).toMatch(/1\/2( connected)?, 1 rejected/);
      expect(text, name).not.toMatch(/2\/2 connected[\s\S]*2\/2 connected/);
    }
  });

  it.each([
    [['1>2', '2>1'], 'node01 and node02 reject each other, because of volume v'],
    [['1>2', '3>2'], 'node02 is rejected by node01 and node03, because of volume v'],
    [['2>1', '2>3'], 'node02 rejects node01 and node03, because of volume v'],
    [
      ['1>2', '3>2', '2>1', '2>3'],
      'node01 and node03 reject node02, which rejects them, because of volume v',
    ],
    [['1>2', '2>3'], 'node02 is rejected by node01; node02 rejects node03, because of volume v'],
    [
      ['1>2', '2>3', '3>1'],
      'node01 rejects node02; node02 rejects node03; node03 rejects node01, because of',
    ],
  ])('is said to be rejected by whom it is, and by nobody else: %j', async (pairs, sentence) => {
    for (const [name, text] of await reports(rejecting(...pairs), ['doctor', 'plan']))
      expect(text, name).toContain(sentence);
  });
});

describe('a brick that runs, and that glusterd does not know', () => {
  const unknown = (): World => {
    const w = world();
    believeBrick(w.node('node02'), 'v', { registered: false });
    return w;
  };

  it('is not offline, in any format of any report', async () => {
    const all = await reports(unknown(), ['status', 'doctor', 'plan']);
    expect(all.map(([name]) => name)).toHaveLength(8);
    for (const [name, text] of all) {
      expect(text, name).not.toMatch(/brick-offline|"online": false/);
      expect(text, name).not.toMatch(/node02:\/bricks\/d1\/v +no /);
    }
  });

  it('is said to run by status, with its pid, and explained by doctor', async () => {
    for (const [name, text] of await reports(unknown(), ['status']))
      expect(text, name).toMatch(
        /node02:\/bricks\/d1\/v +unknown +\d+ +\d+|"online": null,\s+"port": \d+,\s+"pid": \d+/,
      );
    for (const [name, text] of await reports(unknown(), ['doctor']))
      expect(text, name).toMatch(/brick-not-adopted[\s\S]* runs, but glusterd takes it for offline/);
  });
});

/** A cause and its effects: both are listed, with one remedy and one decision, in every format. */
import { describe, expect, it } from 'vitest';
import { failuresOf } from '../../../src/change/change.ts';
import { FINDINGS, findAll } from '../../../src/findings/index.ts';
import type { Finding } from '../../../src/model/plan.ts';
import { doctorJson } from '../../../src/report/json/doctor-json.ts';
import { doctorMarkdown } from '../../../src/report/markdown/doctor-markdown.ts';
import { doctorText } from '../../../src/report/text/doctor-text.ts';
import { killBrick, setOption } from '../findings/case.ts';
import { believePeer, edit, nodeUuid, setMemory, world, type World } from '../../worlds.ts';

/** glusterd on node02 is down, and its store keeps it from starting. */
function unstartable(): World {
  const w = world();
  setMemory(w.node('node02'), 'down');
  edit(w.node('node02'), 'vols/v/info', () => '');
  return w;
}

function rejected(): World {
  const w = world();
  setOption(w.node('node03'), 'network.ping-timeout', '33');
  for (const [a, b] of [
    ['node01', 3],
    ['node03', 1],
  ] as const)
    believePeer(w.node(a), nodeUuid(b), { state: 'Peer Rejected' });
  return w;
}

const onNode02 = (change: (n: World['nodes'][number]) => void) => (): World => {
  const w = world();
  change(w.node('node02'));
  return w;
};
const fill = (n: World['nodes'][number]): void => {
  Object.assign(n.filesystems.get('/var/lib/glusterd') ?? {}, { freeBytes: 0 });
};

/** Effect, its cause; the world that shows both. */
const PAIRS: readonly (readonly [effect: string, cause: string, of: () => World])[] = [
  ['glusterd-down', 'store-file-corrupt', unstartable],
  ['peer-rejected', 'volume-config-mismatch', rejected],
  [
    'brick-offline',
    'glusterd-down',
    onNode02((n) => {
      setMemory(n, 'down');
      killBrick(n);
    }),
  ],
  [
    'glusterd-down',
    'glusterd-vol-damaged',
    onNode02((n) => {
      setMemory(n, 'down');
      n.daemonConfig = { ...n.daemonConfig, raw: '' };
    }),
  ],
  [
    'glusterd-down',
    'op-version-wrong',
    onNode02((n) => {
      setMemory(n, 'down');
      edit(n, 'glusterd.info', (text) => text.replace('100000', '110000'));
    }),
  ],
  [
    'glusterd-down',
    'filesystem-full',
    onNode02((n) => {
      setMemory(n, 'down');
      fill(n);
    }),
  ],
  [
    'store-file-corrupt',
    'filesystem-full',
    onNode02((n) => {
      edit(n, 'vols/v/info', () => '');
      fill(n);
    }),
  ],
  [
    'peer-disconnected',
    'peer-name-wrong',
    onNode02((n) => {
      edit(n, `peers/${nodeUuid(1)}`, (text) => text.replace('=node01', '=gone.example'));
      n.resolves.set('gone.example', []);
      believePeer(n, nodeUuid(1), { connected: false });
    }),
  ],
  [
    'peer-rejected',
    'op-version-wrong',
    () => {
      const w = world();
      edit(w.node('node02'), 'glusterd.info', (text) => text.replace(/operating-version.*\n/, ''));
      for (const n of ['node01', 'node03']) believePeer(w.node(n), nodeUuid(2), { state: 'Peer Rejected' });
      return w;
    },
  ],
];

describe.each(PAIRS)('%s because of %s', (effect, cause, make) => {
  const seen = (): { w: World; findings: readonly Finding[]; effect: Finding; cause: Finding } => {
    const w = make();
    const findings = findAll(w.view(), w.desired);
    const of = (code: string): Finding => {
      const found = findings.find((f) => f.code === code);
      if (found === undefined) throw new Error(`no ${code}`);
      return found;
    };
    return { w, findings, effect: of(effect), cause: of(cause) };
  };

  it('are both listed, and the effect names its cause', () => {
    const { findings, effect: found, cause: why } = seen();
    expect(found.causedBy).toEqual({ code: cause, subject: why.subject });
    expect(why.causedBy).toBeUndefined();
    expect(JSON.parse(doctorJson('c', findings))).toMatchObject({
      findings: expect.arrayContaining([
        expect.objectContaining({ code: effect, causedBy: { code: cause, subject: why.subject } }),
      ]) as unknown,
    });
  });

  it('are read as one: the cause with its remedy, then the effect as a line without one', () => {
    const { findings, effect: found, cause: why } = seen();
    for (const verbose of [true, false]) {
      const text = doctorText('c', findings, { colour: false, verbose });
      expect(text).toContain(
        `remedy: ${why.remedy}\n    because of it, error: ${effect} ${found.subject}: ${found.message}\n`,
      );
      expect(text).not.toContain(`remedy: ${found.remedy}`);
    }
    const markdown = doctorMarkdown('c', findings);
    expect(markdown).toContain(`- because of it: `);
    expect(markdown.indexOf(cause)).toBeLessThan(markdown.indexOf(effect));
    expect(markdown.split('**Remedy:**')).toHaveLength(2);
  });

  it('are one decision', () => {
    const { findings, effect: found, cause: why } = seen();
    expect(failuresOf('decision-needed', [found, why]).map((f) => f.cause)).toEqual([cause]);
    expect(failuresOf('decision-needed', [found]).map((f) => f.cause)).toEqual([effect]);
    expect(findings.length).toBe(2);
  });
});

it('no kind of finding is its own cause, by any way', () => {
  const causes = new Map(FINDINGS.map((f) => [f.code, (f.effectOf ?? []).flatMap((e) => e.codes)]));
  const reaches = (from: string, to: string): boolean =>
    (causes.get(from) ?? []).some((code) => code === to || reaches(code, to));
  expect([...causes.keys()].filter((code) => reaches(code, code))).toEqual([]);
  expect([...causes.values()].flat().filter((code) => !causes.has(code))).toEqual([]);
});

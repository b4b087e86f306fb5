/** A cluster of which something could not be read is called well by no command in no format. */
import { describe, expect, it } from 'vitest';
import { FORMATS } from '../../../src/cli/formats.ts';
import { findAll, findRisks } from '../../../src/findings/index.ts';
import { statusOf } from '../../../src/view/status.ts';
import { world, type World } from '../../worlds.ts';

const BRICK = '/bricks/d1/v';
const REASON = 'Transport endpoint is not connected';

const WORLDS: readonly (readonly [name: string, code: string, change: (w: World) => void])[] = [
  [
    'a store that could not be read',
    'store-unread',
    (w) => w.node('node02').unread.push({ path: 'vols', reason: `Cannot open: ${REASON}` }),
  ],
  ['a brick on a mount that died', 'brick-unread', (w) => w.node('node02').unreadPaths.set(BRICK, REASON)],
];

const WELL = /No disagreement and no fault found|Nothing is wrong/;

const printed = WORLDS.flatMap(([name, code, change]) => {
  const w = world();
  change(w);
  const view = w.view();
  const findings = [...findAll(view, w.desired), ...findRisks(view, w.desired)];
  const diagnosis = { cluster: 'c', findings, unread: [], without: [] };
  const style = { colour: false };
  return [
    ...(['text', 'json', 'markdown'] as const).map((format) => ({
      title: `${name}, doctor as ${format}`,
      code,
      text: FORMATS[format].doctor(diagnosis, style),
    })),
    ...(['text', 'json'] as const).map((format) => ({
      title: `${name}, status as ${format}`,
      code: format === 'text' ? '1 error' : code,
      text: FORMATS[format].status(statusOf(w.desired, view, findings), style),
    })),
  ];
});

describe('is not called well', () => {
  it.each(printed)('$title', async ({ code, text }) => {
    expect(await text).not.toMatch(WELL);
    expect(await text).toContain(code);
  });
});

it('the node of such a store or brick is not shown as "ok"', () => {
  for (const [, , change] of WORLDS) {
    const w = world();
    change(w);
    const { nodes } = statusOf(w.desired, w.view(), findAll(w.view(), w.desired));
    expect(nodes.map((n) => n.state)).toEqual(['ok', 'error', 'ok']);
  }
});

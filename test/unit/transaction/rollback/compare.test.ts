/** The residue of a rollback: what the transaction left behind, and no problem from before it. */
import { expect, it } from 'vitest';
import { compareWithBefore } from '../../../../src/transaction/rollback/compare.ts';
import { beforeOf, journalOf } from '../../../../src/transaction/journal.ts';
import type { Plan } from '../../../../src/model/plan.ts';
import { compile } from '../../../../src/plan/compile.ts';
import { believePeer, nodeUuid, setMemory, world, type World } from '../../../worlds.ts';

const planOf = (w: World): Plan => compile(w.desired, w.view()).plan;

function residueOf(before: (w: World) => void, after: (w: World) => void): readonly string[] {
  const w = world();
  before(w);
  const written = beforeOf('tx-1', journalOf('tx-1', planOf(w), w.view()), w.view());
  after(w);
  return compareWithBefore(w.view(), written, new Set()).map((r) => r.what);
}

const rejected = (w: World): void => {
  believePeer(w.node('node01'), nodeUuid(3), { state: 'Peer Rejected' });
};
const cut = (w: World): void => {
  believePeer(w.node('node01'), nodeUuid(3), { connected: false });
};
const down = (w: World): void => {
  setMemory(w.node('node02'), 'down');
};
const nothing = (): void => undefined;

it.each([
  ['a glusterd that went down', nothing, down, ['glusterd on node02 is down']],
  ['a glusterd that was down before', down, nothing, []],
  ['a peer that was rejected on the way', nothing, rejected, ['node01 sees node03 as "Peer Rejected"']],
  ['a peer that was rejected before', rejected, nothing, []],
  ['a peer that was rejected before, and is disconnected now', rejected, cut, []],
  [
    'another glusterd than the one that was down before',
    down,
    rejected,
    ['node01 sees node03 as "Peer Rejected"'],
  ],
] as const)('%s', (_name, before, after, residue) => {
  expect(residueOf(before, after)).toEqual(residue);
});

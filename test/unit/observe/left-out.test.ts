/** Which nodes an observation leaves out: those that nobody was to ask, and a replaced one that is gone. */
import { expect, it } from 'vitest';
import { failure } from '../../../src/core/failure.ts';
import { type NodeName, nodeName } from '../../../src/model/names.ts';
import type { NodeReading } from '../../../src/model/observed.ts';
import { withLeftOut } from '../../../src/observe/observe-all.ts';
import { nodeUuid, world } from '../../worlds.ts';

const NAME = nodeName('node03');
const { desired, view } = world();
const replaced = {
  ...desired,
  nodes: desired.nodes.map((n) =>
    n.name === NAME ? { ...n, isAbsent: true as const, replacedBy: nodeName('node04') } : n,
  ),
};
const failed = (code: 'node-unreachable' | 'auth-failed'): NodeReading => ({
  kind: 'failed',
  failure: failure(code, 'it failed', { node: NAME }),
});

it.each<[string, NodeReading | undefined, NodeReading['kind']]>([
  ['is not reached', failed('node-unreachable'), 'left-out'],
  ['was not tried again', undefined, 'left-out'],
  ['refuses the login, and so is there', failed('auth-failed'), 'failed'],
])('one that is replaced: it %s', (_name, reading, kind) => {
  const readings = reading === undefined ? [] : [[NAME, reading] as const];
  expect(withLeftOut(replaced, readings).nodes.get(NAME)?.kind).toBe(kind);
});

/** In the middle of a transaction too: no step needs a node that nobody lists. */
it.each([
  ['is left out while a member lists it', true],
  ['is none of the cluster when nobody does', false],
])('one that is replaced %s', (_name, isListed) => {
  const w = world();
  const readings = w.nodes.flatMap((n): [NodeName, NodeReading][] => {
    if (!isListed) n.files.delete(`peers/${nodeUuid(3)}`);
    const facts = w.view().facts(n.node);
    return facts === undefined || n.node === NAME ? [] : [[n.node, { kind: 'read', facts }]];
  });
  expect(withLeftOut(replaced, readings).nodes.has(NAME)).toBe(isListed);
});

it('one that is replaced and answers is read', () => {
  const facts = view().facts(NAME);
  if (facts === undefined) throw new Error('not in this world');
  expect(withLeftOut(replaced, [[NAME, { kind: 'read', facts }]]).nodes.get(NAME)?.kind).toBe('read');
});

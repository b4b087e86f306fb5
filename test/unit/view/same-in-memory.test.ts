/** Whether a glusterd has in memory the bricks that its store names. */
import { expect, it } from 'vitest';
import { sameInMemory } from '../../../src/view/same-in-memory.ts';
import { stateOf } from '../../../src/view/view.ts';
import { world } from '../../worlds.ts';

it('compares bricks too', () => {
  const [facts] = world().view().nodes;
  const [disk] = facts?.store.volumes.values() ?? [];
  const memory = facts && disk && stateOf(facts)?.volumes.get(disk.name);
  expect(sameInMemory(disk, memory)).toBe(true);
  expect(sameInMemory(disk, memory && { ...memory, bricks: memory.bricks.slice(1) })).toBe(false);
});

/**
 * What the journal says a volume is to become is what it then is: the last step's definition, on every node.
 * And every definition on the way back ends at what it was.
 */
import { expect, it } from 'vitest';
import { type Definition, definitionIn, SET_BY_GLUSTERD } from '../../../src/model/definition.ts';
import { volumeName } from '../../../src/model/names.ts';
import type { SimCluster } from '../../../src/simulator/cluster.ts';
import type { Becomes } from '../../../src/transaction/becomes.ts';
import { readJournal } from '../../../src/transaction/journal.ts';
import { CHANGES, faultRun, NODES } from '../../laws/fault-run.ts';

/** What glusterd adds to a new volume, and the id it gives it, nobody decides. */
const decided = (d: Definition | null, isNew: boolean): unknown =>
  d && {
    ...d,
    id: isNew ? null : d.id,
    options: Object.fromEntries(Object.entries(d.options).filter(([k]) => !isNew || !SET_BY_GLUSTERD.has(k))),
  };

async function changedBy(change: string): Promise<{ cluster: SimCluster; becomes: Becomes }> {
  const seen: SimCluster[] = [];
  await faultRun(change, 1, (cluster) => {
    seen.push(cluster);
    return [];
  });
  const [cluster] = seen;
  const files = await cluster?.link(NODES[0] ?? '').journal('tx-1');
  if (cluster === undefined || files?.ok !== true) throw new Error('no journal');
  const becomes = readJournal(files.value.plan)?.becomes;
  if (becomes === undefined) throw new Error('the journal does not say what volumes become');
  return { cluster, becomes };
}

it.each(Object.keys(CHANGES))('%s', async (change) => {
  const { cluster, becomes } = await changedBy(change);
  const steps = Object.values(becomes).filter((volumes) => Object.keys(volumes).length > 0);
  expect(steps.length).toBeGreaterThan(0);
  const last = new Map(steps.flatMap((volumes) => Object.entries(volumes)));
  const first = new Map([...steps].reverse().flatMap((volumes) => Object.entries(volumes)));
  for (const node of NODES) {
    const files = await cluster.link(node).journal('tx-1');
    const observed = await cluster.link(node).observe({ paths: [], hosts: [], optionCatalogue: false });
    if (!files.ok || !observed.ok) throw new Error('cannot be read');
    for (const [name, states] of last) {
      const was = definitionIn(files.value.store, volumeName(name));
      const is = definitionIn(observed.value.store, volumeName(name));
      if (states === 'unknown') throw new Error('it is known');
      expect(decided(states[0] ?? null, was === null)).toEqual(decided(is, was === null));
      const undone = first.get(name)?.at(-1);
      if (change === 'options' || change === 'create') expect(undone).toEqual(was);
    }
  }
});

/** A host on the simulated cluster, without a process: says nothing, and answers each question with yes. */
import { setMaxListeners } from 'node:events';
import type { Host } from '../../../src/change/change.ts';
import { contacted } from '../../../src/model/desired.ts';
import type { NodeLink } from '../../../src/model/node-link.ts';
import { observeAll } from '../../../src/observe/observe-all.ts';
import type { SimCluster } from '../../../src/simulator/cluster.ts';

export function simulatedHost(
  { clock }: SimCluster,
  link: (node: string) => NodeLink,
  more: Pick<Host, 'newOwner'> & Partial<Host>,
): Host {
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  const nothing = (): void => undefined;
  return {
    open: async (desired) => {
      const links = new Map(contacted(desired).map(({ name }) => [name, link(name)]));
      return {
        links,
        observed: await observeAll(desired, links, signal),
        clock,
        relink: (name) => Promise.resolve(link(name)),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
    },
    signal,
    timeOf: Date.parse,
    showPlan: nothing,
    showUnfinished: nothing,
    remark: nothing,
    notify: nothing,
    canAsk: () => true,
    hasPerson: () => false,
    confirm: () => Promise.resolve(true),
    progress: () => ({ onEvent: nothing, finish: () => Promise.resolve() }),
    ...more,
  };
}

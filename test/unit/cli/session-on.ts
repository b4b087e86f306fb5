/**
 * The session of a command whose cluster is a simulated one: a plain terminal, and links of the first
 * controller.
 */
import { setMaxListeners } from 'node:events';
import { type Session, warner } from '../../../src/cli/session.ts';
import { contacted } from '../../../src/model/desired.ts';
import type { SimCluster } from '../../../src/simulator/cluster.ts';
import { withoutInert } from '../../../src/observe/inert.ts';
import { observeAll } from '../../../src/observe/observe-all.ts';

export function sessionOn(
  cluster: SimCluster,
  said: { readonly out: (text: string) => void; readonly err: (text: string) => void },
): Session {
  const terminal = { ...said, outIsTty: false, errIsTty: false, colour: false, columns: 80, rows: 24 };
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  return {
    terminal,
    signal,
    warn: warner(terminal),
    open: async (desired, stop) => {
      const links = new Map(contacted(desired).map(({ name }) => [name, cluster.link(name)]));
      const observed = withoutInert(await observeAll(desired, links, stop), desired);
      return {
        links: new Map(
          [...links].filter(([name]) => !['left-out', undefined].includes(observed.nodes.get(name)?.kind)),
        ),
        observed,
        clock: cluster.clock,
        relink: (name) => Promise.resolve(cluster.link(name)),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
    },
  };
}

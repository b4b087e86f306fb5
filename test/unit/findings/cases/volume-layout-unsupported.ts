/** Worlds that give `volume-layout-unsupported`: volumes that no step changes. */
import { edit } from '../../../worlds.ts';
import { broken, type FindingCase, INFO, replace } from '../case.ts';

const withInfo = (...changes: readonly (readonly [string | RegExp, string])[]): FindingCase['world'] =>
  broken((w) => {
    for (const n of w.nodes) for (const [from, to] of changes) edit(n, INFO, replace(from, to));
  });

const NODES = ['node01', 'node02', 'node03'];

export const CASES: readonly FindingCase[] = [
  {
    name: 'a striped volume of an old release, which is not damaged',
    world: withInfo([/^type=.*$/m, 'type=1']),
    subject: 'volume/v',
    nodes: NODES,
    severity: 'info',
    says: ['it is striped'],
    recovery: [],
  },
  {
    name: 'a striped and replicated one',
    world: withInfo([/^type=.*$/m, 'type=3']),
    subject: 'volume/v',
    nodes: NODES,
    says: ['it is striped and replicated'],
    recovery: [],
  },
  {
    name: 'a tiered one',
    world: withInfo([/^type=.*$/m, 'type=5']),
    subject: 'volume/v',
    nodes: NODES,
    says: ['it is tiered'],
    recovery: [],
  },
  {
    name: 'one with a thin arbiter',
    world: withInfo(['replica_count=', 'thin_arbiter_count=1\nreplica_count=']),
    subject: 'volume/v',
    nodes: NODES,
    says: ['thin arbiter'],
    recovery: [],
  },
];

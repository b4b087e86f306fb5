/**
 * What can go wrong in a cluster, as data: how it is made on real glusterd, what a person sees, what doctor
 * says, how it ends. The order counts: a seed draws faults by their place.
 */
import type { FaultCase } from '../recover-case.ts';
import { AGAIN } from './again.ts';
import { BRICKS } from './bricks.ts';
import { DAEMONS } from './daemons.ts';
import { DELETES } from './deletes.ts';
import { NAMES } from './names.ts';
import { NODES } from './nodes.ts';
import { OLD_OPTIONS } from './old-options.ts';
import { PEERS } from './peers.ts';
import { PORTS } from './ports.ts';
import { SERVICES } from './services.ts';
import { STARTS } from './starts.ts';
import { STORES } from './stores.ts';
import { SURROUNDINGS } from './surroundings.ts';
import { VOLFILES } from './volfiles.ts';
import { VOLUMES } from './volumes.ts';

export const FAULTS: readonly FaultCase[] = [
  ...VOLUMES,
  ...DAEMONS,
  ...BRICKS,
  ...STORES,
  ...PEERS,
  ...NODES,
  ...SURROUNDINGS,
  ...DELETES,
  ...STARTS,
  ...AGAIN,
  ...SERVICES,
  ...NAMES,
  ...VOLFILES,
  ...OLD_OPTIONS,
  ...PORTS,
];

/** From finding code to what mends it. A code that is not here is explained only: a person has to act. */
import { glusterdStart } from '../actions/glusterd-start.ts';
import { startBlockers } from '../view/start-blockers.ts';
import { volumeName } from '../model/names.ts';
import type { Finding } from '../model/plan.ts';
import { volumeOfSubject } from '../view/view.ts';
import * as bricks from './bricks.ts';
import * as nodes from './nodes.ts';
import type { Remedy, RepairContext } from './remedy.ts';
import { volumeRemedies } from './volumes.ts';

export type Repair = (finding: Finding, context: RepairContext) => readonly Remedy[];

const volume: Repair = (finding, context) => {
  const name = volumeOfSubject(context.view, finding.subject);
  return name === undefined ? [] : volumeRemedies(context, volumeName(name));
};

/** A rejected peer is the effect; the volumes that differ are the cause. */
const allVolumes: Repair = (_finding, context) =>
  [...context.view.volumes.keys()].flatMap((name) => volumeRemedies(context, name));

/**
 * Where something in the store keeps it from starting, that is mended by its own finding, and glusterd
 * started with it.
 */
const startGlusterd: Repair = (finding, { view }) =>
  finding.nodes.flatMap((node): readonly Remedy[] => {
    const facts = view.facts(node);
    if (facts === undefined || startBlockers(facts).length > 0) return [];
    return [
      { kind: 'step', stage: 'before', intent: glusterdStart.intent({ node }), reason: finding.message },
    ];
  });

export const REPAIRS: ReadonlyMap<string, Repair> = new Map([
  ['store-stray-directory', nodes.strayDirectory],
  ['store-file-corrupt', nodes.damagedFiles],
  ['store-wiped', nodes.identity],
  ['node-uuid-changed', nodes.identity],
  ['glusterd-down', startGlusterd],
  ['glusterd-hung', startGlusterd],
  ['peer-one-way', nodes.oneWayPeer],
  ['peer-self-listed', nodes.selfListed],
  ['peer-state-stuck', nodes.stuckPeer],
  ['peer-rejected', allVolumes],
  ['options-mismatch', nodes.globalOptions],
  ['volume-missing-on-node', volume],
  ['volume-config-mismatch', volume],
  ['volume-version-skew', volume],
  ['volume-id-conflict', volume],
  ['volume-memory-disk-mismatch', volume],
  ['volume-not-deleted-everywhere', volume],
  ['volfile-stale', nodes.staleVolfiles],
  ['quota-conf-mismatch', nodes.quotaLimits],
  ['brick-pidfile-stale', bricks.stalePidFile],
  ['brick-process-duplicate', bricks.duplicateProcess],
  ['brick-process-orphan', bricks.orphanedProcess],
  ['brick-port-mismatch', bricks.portMismatch],
  ['brick-not-adopted', bricks.notAdopted],
  ['brick-offline', bricks.offlineBrick],
  ['self-heal-daemon-offline', bricks.selfHealDaemon],
  ['brick-leftover-xattrs', bricks.leftoverMarks],
]);

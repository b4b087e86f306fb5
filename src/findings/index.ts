/** Every finding kind, once, in the order in which a person wants to read them: causes before effects. */
import type { Desired } from '../model/desired.ts';
import type { Finding } from '../model/plan.ts';
import type { View } from '../view/view.ts';
import { brickLeftoverXattrs } from './brick-leftover-xattrs.ts';
import { brickNotAdopted } from './brick-not-adopted.ts';
import { brickNotMounted } from './brick-not-mounted.ts';
import { brickOffline } from './brick-offline.ts';
import { brickPortsUsedUp } from './brick-ports-used-up.ts';
import { brickPidfileStale } from './brick-pidfile-stale.ts';
import { brickPortMismatch } from './brick-port-mismatch.ts';
import { brickProcessDuplicate } from './brick-process-duplicate.ts';
import { brickProcessOrphan } from './brick-process-orphan.ts';
import { brickUnread } from './brick-unread.ts';
import { brickVolumeIdForeign } from './brick-volume-id-foreign.ts';
import { brickVolumeIdMissing } from './brick-volume-id-missing.ts';
import { bricksDieWithGlusterd } from './bricks-die-with-glusterd.ts';
import { clockSkew } from './clock-skew.ts';
import { filesystemFull } from './filesystem-full.ts';
import { daemonOffline } from './daemon-offline.ts';
import type { FindingSpec } from './finding.ts';
import { glusterdDown } from './glusterd-down.ts';
import { glusterdHung } from './glusterd-hung.ts';
import { glusterdMissing } from './glusterd-missing.ts';
import { glusterdVolDamaged } from './glusterd-vol-damaged.ts';
import { healPending } from './heal-pending.ts';
import { lockHeld } from './lock-held.ts';
import { migrationFailed } from './migration-failed.ts';
import { migrationStalled } from './migration-stalled.ts';
import { nameResolution } from './name-resolution.ts';
import { nodeUuidChanged } from './node-uuid-changed.ts';
import { nodeUuidDuplicate } from './node-uuid-duplicate.ts';
import { nodeDrained } from './node-drained.ts';
import { nodeLeftOut } from './node-left-out.ts';
import { nodeNotToLeaveOut } from './node-not-to-leave-out.ts';
import { opVersionMismatch } from './op-version-mismatch.ts';
import { opVersionWrong } from './op-version-wrong.ts';
import { optionsMismatch } from './options-mismatch.ts';
import { peerDisconnected } from './peer-disconnected.ts';
import { peerFileLeftover } from './peer-file-leftover.ts';
import { peerListedTwice } from './peer-listed-twice.ts';
import { peerNameWrong } from './peer-name-wrong.ts';
import { peerInAnotherPool } from './peer-in-another-pool.ts';
import { peerOneWay } from './peer-one-way.ts';
import { peerRejected } from './peer-rejected.ts';
import { peerSelfListed } from './peer-self-listed.ts';
import { peerStateStuck } from './peer-state-stuck.ts';
import { peerUnknown } from './peer-unknown.ts';
import { portHeld } from './port-held.ts';
import { quotaConfMismatch } from './quota-conf-mismatch.ts';
import { removeBrickUncommitted } from './remove-brick-uncommitted.ts';
import { nodeNotNew } from './node-not-new.ts';
import { replacedNodeAlive } from './replaced-node-alive.ts';
import { selfHealDaemonDuplicate } from './self-heal-daemon-duplicate.ts';
import { selfHealDaemonOffline } from './self-heal-daemon-offline.ts';
import { serverQuorumLost } from './server-quorum-lost.ts';
import { snapshotMissingOnNode } from './snapshot-missing-on-node.ts';
import { storeFileCorrupt } from './store-file-corrupt.ts';
import { storeNotMounted } from './store-not-mounted.ts';
import { storeStrayDirectory } from './store-stray-directory.ts';
import { storeUnread } from './store-unread.ts';
import { storeWiped } from './store-wiped.ts';
import { transactionNotTakenOver } from './transaction-not-taken-over.ts';
import { transactionUnfinished } from './transaction-unfinished.ts';
import { volfileStale } from './volfile-stale.ts';
import { volumeConfigMismatch } from './volume-config-mismatch.ts';
import { volumeIdConflict } from './volume-id-conflict.ts';
import { volumeLayoutUnsupported } from './volume-layout-unsupported.ts';
import { volumeMemoryDiskMismatch } from './volume-memory-disk-mismatch.ts';
import { volumeMissingOnNode } from './volume-missing-on-node.ts';
import { volumeNotDeletedEverywhere } from './volume-not-deleted-everywhere.ts';
import { volumeTaskPending } from './volume-task-pending.ts';
import { volumeVersionSkew } from './volume-version-skew.ts';

export const FINDINGS: readonly FindingSpec[] = [
  replacedNodeAlive,
  nodeNotNew,
  nodeNotToLeaveOut,
  nodeLeftOut,
  nodeDrained,
  transactionUnfinished,
  transactionNotTakenOver,
  lockHeld,
  glusterdMissing,
  filesystemFull,
  storeNotMounted,
  storeUnread,
  storeWiped,
  storeFileCorrupt,
  storeStrayDirectory,
  glusterdVolDamaged,
  opVersionWrong,
  nodeUuidDuplicate,
  nodeUuidChanged,
  portHeld,
  glusterdDown,
  glusterdHung,
  nameResolution,
  clockSkew,
  opVersionMismatch,
  peerInAnotherPool,
  peerUnknown,
  peerOneWay,
  peerListedTwice,
  peerNameWrong,
  peerSelfListed,
  peerFileLeftover,
  volumeIdConflict,
  volumeNotDeletedEverywhere,
  volumeMissingOnNode,
  volumeConfigMismatch,
  volumeVersionSkew,
  volumeMemoryDiskMismatch,
  optionsMismatch,
  quotaConfMismatch,
  snapshotMissingOnNode,
  volfileStale,
  peerRejected,
  peerDisconnected,
  peerStateStuck,
  serverQuorumLost,
  brickUnread,
  brickNotMounted,
  brickVolumeIdMissing,
  brickVolumeIdForeign,
  brickLeftoverXattrs,
  brickPortsUsedUp,
  brickPidfileStale,
  brickProcessDuplicate,
  brickProcessOrphan,
  brickOffline,
  brickNotAdopted,
  brickPortMismatch,
  selfHealDaemonDuplicate,
  selfHealDaemonOffline,
  daemonOffline,
  healPending,
  volumeTaskPending,
  volumeLayoutUnsupported,
  migrationStalled,
  migrationFailed,
  removeBrickUncommitted,
  bricksDieWithGlusterd,
];

const BY_CODE: ReadonlyMap<string, FindingSpec> = new Map(FINDINGS.map((spec) => [spec.code, spec]));

/** The kind of a finding; undefined for what the planner itself says against a file. */
export const kindOf = ({ code }: Finding): FindingSpec | undefined => BY_CODE.get(code);

function detectAll(specs: readonly FindingSpec[], view: View, desired: Desired): readonly Finding[] {
  const all = specs.flatMap((spec) =>
    spec.detect(view, desired).map((found): Finding => ({ code: spec.code, ...found })),
  );
  return all.map((finding) => withCause(finding, all, view));
}

function withCause(finding: Finding, all: readonly Finding[], view: View): Finding {
  const { effectOf = [] } = kindOf(finding) ?? {};
  const cause = all.find((other) =>
    effectOf.some(({ codes, when }) => codes.includes(other.code) && when(finding, other, view)),
  );
  return cause === undefined
    ? finding
    : { ...finding, causedBy: { code: cause.code, subject: cause.subject } };
}

/** All that is wrong, kinds in the order of the list, each kind's findings in the order it gives. */
export const findAll = (view: View, desired: Desired): readonly Finding[] =>
  detectAll(
    FINDINGS.filter((spec) => spec.isRisk !== true),
    view,
    desired,
  );

/** And what may go wrong. */
export const findRisks = (view: View, desired: Desired): readonly Finding[] =>
  detectAll(
    FINDINGS.filter((spec) => spec.isRisk === true),
    view,
    desired,
  );

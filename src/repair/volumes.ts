/**
 * Volumes whose nodes disagree: one decision a volume, then the fewest edits that make all members equal,
 * with no version raised and no brick bounced.
 */
import { processEnd } from '../actions/process.ts';
import type { VolumeName } from '../model/names.ts';
import type { NodeFacts, StoreVolume } from '../model/observed.ts';
import { stateOf, type VolumeView } from '../view/view.ts';
import { memberNodes } from '../view/pool.ts';
import { sameInMemory } from '../view/same-in-memory.ts';
import { chooseCopy } from './choose.ts';
import type { Remedy, RepairContext } from './remedy.ts';

export function volumeRemedies(context: RepairContext, name: VolumeName): readonly Remedy[] {
  const { view } = context;
  const volume = view.volumes.get(name);
  if (volume === undefined) return forgottenVolume(context, name);
  const choice = chooseCopy(context, volume);
  switch (choice.kind) {
    case 'ask':
      return [
        { kind: 'question', subject: `volume/${name}`, question: choice.question, flags: choice.flags },
      ];
    case 'delete':
      return removal(context, volume, choice.why);
    case 'keep':
      return memberFacts(context).flatMap((facts) => spread(facts, volume, choice.from, choice.why));
  }
}

const memberFacts = ({ view }: RepairContext): readonly NodeFacts[] =>
  memberNodes(view).flatMap((node) => view.facts(node) ?? []);

/** Nothing to do where disk and memory are as the chosen copy. */
function spread(facts: NodeFacts, volume: VolumeView, from: StoreNode, why: string): readonly Remedy[] {
  const right = volume.copies.get(from);
  const own = volume.copies.get(facts.node);
  const remembered = stateOf(facts)?.volumes.get(volume.name);
  if (right === undefined) return [];
  if (own !== undefined && sameCopy(own, right)) {
    if (stateOf(facts) === undefined || sameInMemory(own, remembered)) return [];
    const reason = `glusterd on ${facts.node} remembers volume ${volume.name} otherwise than the stores have it`;
    return [
      { kind: 'edit', node: facts.node, edit: { kind: 'copy-volume', volume: volume.name, from }, reason },
    ];
  }
  const reason = `volume ${volume.name}: the copy of ${from} is right (${why})`;
  return [
    { kind: 'edit', node: facts.node, edit: { kind: 'copy-volume', volume: volume.name, from }, reason },
    { kind: 'edit', node: facts.node, edit: { kind: 'renew-volfiles' }, reason },
  ];
}

type StoreNode = NodeFacts['node'];

export const sameCopy = (a: StoreVolume, b: StoreVolume): boolean =>
  a.version === b.version && a.signature === b.signature && brickWords(a) === brickWords(b);

const brickWords = (volume: StoreVolume): string =>
  volume.bricks
    .map((b) => [b.file, b.hostname, b.path, b.ownerUuid, b.brickId, b.decommissioned].join())
    .join(' ');

/**
 * Off every disk and out of every memory at once, its processes ended first; what its bricks hold is not
 * touched.
 */
function removal(context: RepairContext, volume: VolumeView, why: string): readonly Remedy[] {
  const reason = `volume ${volume.name} is half deleted, and ${why}`;
  return memberFacts(context).flatMap((facts): Remedy[] => {
    const known = volume.copies.has(facts.node) || stateOf(facts)?.volumes.has(volume.name) === true;
    const ends = facts.processes
      .filter((p) => p.brick?.volume === volume.name && p.state !== 'Z')
      .map((p): Remedy => ({
        kind: 'step',
        stage: 'before',
        intent: processEnd.intent({
          node: facts.node,
          pid: p.pid,
          startTicks: p.startTicks,
          path: p.brick?.path ?? '',
        }),
        reason,
      }));
    if (!known) return ends;
    return [
      ...ends,
      { kind: 'edit', node: facts.node, edit: { kind: 'remove', path: `vols/${volume.name}` }, reason },
    ];
  });
}

/**
 * On no disk, but in the memory of some glusterd. Unwanted, a restart of that one forgets it. Wanted, that
 * memory is the only copy there is: another member is restarted, imports it in the handshake, and stores it.
 */
function forgottenVolume(context: RepairContext, name: VolumeName): readonly Remedy[] {
  const wanted = context.desired.volumes.find((v) => v.name === name);
  const all = memberFacts(context);
  const holders = all.filter((facts) => stateOf(facts)?.volumes.has(name) === true);
  if (wanted === undefined) {
    const where = holders.map((h) => h.node).join(', ');
    const question = `volume ${name} is on no disk any more, only in the memory of glusterd on ${where}: shall it exist? Name it in the cluster file: with its bricks, or with state: absent`;
    return [{ kind: 'question', subject: `volume/${name}`, question, flags: [] }];
  }
  if (wanted.state === 'absent') {
    const serves = all.some((f) => f.processes.some((p) => p.brick?.volume === name && p.state !== 'Z'));
    if (serves && holders.some((h) => stateOf(h)?.volumes.get(name)?.status === 'started')) {
      const question = `volume ${name} is on no disk any more, the file says state: absent, but its bricks are serving: stop it by "gluster volume stop ${name}" first`;
      return [{ kind: 'question', subject: `volume/${name}`, question, flags: [] }];
    }
    const reason = `volume ${name} is only in the memory of glusterd, and the file says state: absent`;
    return holders.map((facts) => ({
      kind: 'edit',
      node: facts.node,
      edit: { kind: 'remove', path: `vols/${name}` },
      reason,
    }));
  }
  const importer = all.find((facts) => !holders.includes(facts));
  if (importer === undefined || holders.length === 0) return [];
  const reason = `volume ${name} is only in the memory of glusterd on ${holders.map((h) => h.node).join(', ')}; a member that restarts imports and stores it`;
  return [{ kind: 'edit', node: importer.node, edit: { kind: 'restart' }, reason }];
}

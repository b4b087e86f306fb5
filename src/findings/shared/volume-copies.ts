/**
 * Volumes whose nodes disagree: one decision a volume, then the fewest edits that make all members equal,
 * with no version raised and no brick restarted.
 */
import { processEnd } from '../../actions/process.ts';
import { type VolumeName, volumeName } from '../../model/names.ts';
import type { NodeFacts } from '../../model/observed.ts';
import { isSame } from '../../view/copies.ts';
import { memberNodes } from '../../view/pool.ts';
import { isProtectedOnNodes } from '../../view/protection.ts';
import { sameInMemory } from '../../view/same-in-memory.ts';
import { stateOf, volumeOfSubject, type VolumeView } from '../../view/view.ts';
import { chooseCopy, PROTECTED } from './choose-copy.ts';
import { editOf, type Remedy, type Repair, type RepairContext, stepBefore } from './remedy.ts';
import { wantedVolume } from './wanted.ts';

/** The volume of the finding's subject, made equal. */
export const equaliseVolume: Repair = (finding, context) => {
  const name = volumeOfSubject(context.view, finding.subject);
  return name === undefined ? [] : volumeRemedies(context, volumeName(name));
};

export function volumeRemedies(context: RepairContext, name: VolumeName): readonly Remedy[] {
  const { view } = context;
  const volume = view.volumes.get(name);
  if (volume === undefined) return volumeInMemoryAlone(context, name);
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
function spread(
  facts: NodeFacts,
  volume: VolumeView,
  from: NodeFacts['node'],
  why: string,
): readonly Remedy[] {
  const right = volume.copies.get(from);
  const own = volume.copies.get(facts.node);
  if (right === undefined) return [];
  const copy = { kind: 'copy-volume', volume: volume.name, from } as const;
  if (own?.version === right.version && isSame(own, right)) {
    const state = stateOf(facts);
    if (state === undefined || sameInMemory(own, state.volumes.get(volume.name))) return [];
    const reason =
      `glusterd on ${facts.node} remembers volume ${volume.name} otherwise than the stores ` + 'have it';
    return [editOf(facts, copy, reason)];
  }
  const reason = `volume ${volume.name}: the copy of ${from} is right (${why})`;
  return [editOf(facts, copy, reason), editOf(facts, { kind: 'renew-volfiles' }, reason)];
}

/**
 * Off every disk and out of every memory together, its processes ended first; what its bricks hold is not
 * touched.
 */
function removal(context: RepairContext, volume: VolumeView, why: string): readonly Remedy[] {
  const reason = `volume ${volume.name} is half deleted, and ${why}`;
  return memberFacts(context).flatMap((facts): readonly Remedy[] => {
    const { node } = facts;
    const isKnown = volume.copies.has(node) || stateOf(facts)?.volumes.has(volume.name) === true;
    const ends = facts.processes
      .filter((p) => p.brick?.volume === volume.name && p.state !== 'Z')
      .map(({ pid, startTicks, brick }) =>
        stepBefore(processEnd.intent({ node, pid, startTicks, path: brick?.path ?? '' }), reason),
      );
    return isKnown ? [...ends, editOf(facts, { kind: 'remove', path: `vols/${volume.name}` }, reason)] : ends;
  });
}

/**
 * On no disk, but in the memory of some glusterd. Unwanted, a restart of that one forgets it. Wanted, that
 * memory is the only copy: another member is restarted, imports it in the handshake, and stores it.
 */
function volumeInMemoryAlone(context: RepairContext, name: VolumeName): readonly Remedy[] {
  const wanted = wantedVolume(context.desired, name);
  const all = memberFacts(context);
  const holders = all.filter((facts) => stateOf(facts)?.volumes.has(name) === true);
  const ask = (question: string): readonly Remedy[] => [
    { kind: 'question', subject: `volume/${name}`, question, flags: [] },
  ];
  const where = holders.map((h) => h.node).join(', ');
  if (wanted === undefined)
    return ask(
      `volume ${name} is on no disk any more, only in the memory of glusterd on ${where}: ` +
        'shall it exist? Name it in the cluster file: with its bricks, or with state: absent',
    );
  if (wanted.state === 'absent') {
    if (isProtectedOnNodes(context.view, name))
      return ask(`volume ${name}, only in the memory of glusterd on ${where}: ${PROTECTED}`);
    const serves = all.some((f) => f.processes.some((p) => p.brick?.volume === name && p.state !== 'Z'));
    if (serves && holders.some((h) => stateOf(h)?.volumes.get(name)?.status === 'started'))
      return ask(
        `volume ${name} is on no disk any more, the file says state: ` +
          `absent, but its bricks are serving: stop it by "gluster volume stop ${name}" first`,
      );
    const reason = `volume ${name} is only in the memory of glusterd, and the file says state: absent`;
    return holders.map((facts) => editOf(facts, { kind: 'remove', path: `vols/${name}` }, reason));
  }
  const importer = all.find((facts) => !holders.includes(facts));
  if (importer === undefined || holders.length === 0) return [];
  const reason =
    `volume ${name} is only in the memory of glusterd on ${where}; ` +
    'a member that restarts imports and stores it';
  return [editOf(importer, { kind: 'restart' }, reason)];
}

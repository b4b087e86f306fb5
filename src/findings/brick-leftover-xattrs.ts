/** A path that the file wants as a brick and that still carries the marks of a volume which is gone. */
import { brickClean } from '../actions/brick-clean.ts';
import type { Desired } from '../model/desired.ts';
import type { NodeFacts } from '../model/observed.ts';
import type { Finding } from '../model/plan.ts';
import { stateOf, type View } from '../view/view.ts';
import { someVolumeIsUnreadable } from '../view/trust.ts';
import { defineFinding, type Found, witness } from './finding.ts';
import { holdsNoFile } from '../view/brick-marks.ts';
import { placeOf } from './shared/brick-processes.ts';
import { type Remedy, type RepairContext, stepAfter } from './shared/remedy.ts';

export const brickLeftoverXattrs = defineFinding({
  code: 'brick-leftover-xattrs',
  explain: {
    title: 'A wanted brick carries old marks',
    meaning:
      'The directory that is to become a brick, or one above it, ' +
      'carries trusted.glusterfs.volume-id or trusted.gfid. ' +
      'glusterd refuses it as "already part of a volume".',
    cause:
      'The directory was a brick of a volume that has been deleted, or a creation that failed half way. ' +
      'A deletion by "state: absent" removes the marks where no brick of the volume holds a file; ' +
      "a file in gluster's trash, or linked below .glusterfs alone, counts. " +
      'With files, it does so where --allow-destroy names the brick.',
    looksAt:
      'Extended attributes of every brick path in the file that is no brick yet, ' +
      'and of the directories above it.',
    repair:
      "Where the directory holds nothing but gluster's own empty directories, " +
      'and no glusterd knows the volume, the marks are removed. With anything else in it: ' +
      'none, as it may be the last data of a volume.',
    risk: 'If the directory holds anything but an empty .glusterfs, it may be the last data of a volume.',
    byHand: [
      'Check what the directory holds: without its marks, the volume cannot be restored from it.',
      'Move away what is linked below .glusterfs alone, and would go with it: ' +
        'find DIRECTORY/.glusterfs -type f -links 1 -size +0',
      'Remove the marks; all other files stay:',
      'setfattr -x trusted.glusterfs.volume-id DIRECTORY; setfattr -x trusted.gfid DIRECTORY; ' +
        'rm -r DIRECTORY/.glusterfs',
    ],
  },
  detect: (view, desired) => found(view, desired),
  repair: removeMarks,
  // Marks of a volume that comes back are its own: the step itself holds each against the image.
  isExpectedByRestore: true,
});

function found(view: View, desired: Desired): readonly Found[] {
  const used = usedPaths(view);
  return desired.volumes.flatMap((volume) =>
    volume.state === 'absent'
      ? []
      : volume.bricks.flatMap(({ node, path }) => {
          const facts = view.facts(node);
          if (facts === undefined || used.has(`${node}:${path}`)) return [];
          const marked = upwards(path)
            .map((p) => facts.paths.get(p))
            .find((p) => p !== undefined && (p.volumeId !== undefined || p.gfid));
          if (marked === undefined) return [];
          const { volumeId } = marked;
          const owner = [...view.volumes.values()].find((v) => v.best.id === volumeId)?.name;
          // A copy that is missing here, or is on no disk any more, is a finding of its own. The directory
          // is then the brick that it should be.
          const isRemembered = view.nodes.some((n) => stateOf(n)?.volumes.get(volume.name)?.id === volumeId);
          if ((owner === volume.name || isRemembered) && marked.path === path) return [];
          if (owner === undefined && someVolumeIsUnreadable(view)) return [];
          return [
            {
              severity: 'error' as const,
              subject: `brick/${node}:${path}`,
              nodes: [node],
              message:
                `${node}:${path} shall become a brick of ${volume.name}, ` +
                `but ${marked.path === path ? 'it' : marked.path} carries the marks of ` +
                (owner === undefined ? 'a volume that is gone' : `volume ${owner}`),
              evidence: marks(facts, marked.path),
              remedy:
                `check what ${node}:${marked.path} holds; if nothing there is wanted, ` +
                'remove the marks (see "glusterctl explain brick-leftover-xattrs")',
            },
          ];
        }),
  );
}

const marks = (facts: NodeFacts, path: string): readonly string[] => {
  const at = facts.paths.get(path);
  return [
    ...(at?.volumeId === undefined
      ? []
      : [witness(facts.node, path, `trusted.glusterfs.volume-id=${at.volumeId}`)]),
    ...(at?.gfid === true ? [witness(facts.node, path, 'trusted.gfid is set')] : []),
    ...(at?.entries === undefined
      ? []
      : [witness(facts.node, path, at.entries.length === 0 ? 'is empty' : `holds ${at.entries.join(', ')}`)]),
  ];
};

function usedPaths(view: View): ReadonlySet<string> {
  const used = new Set<string>();
  for (const { copies } of view.volumes.values())
    for (const copy of copies.values())
      for (const b of copy.bricks) used.add(`${view.ownerOf(b) ?? ''}:${b.path}`);
  return used;
}

/** The path and the directories above it, nearest first. */
function upwards(path: string): readonly string[] {
  const found = [path];
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
    found.push(path.slice(0, at));
  return found;
}

/**
 * A brick that was made, and never used, by a creation that failed: its marks go where nothing else is in it.
 */
function removeMarks(finding: Finding, { view, desired }: RepairContext): readonly Remedy[] {
  const place = placeOf(finding, view);
  const at = place?.facts.paths.get(place.path);
  if (place === undefined || at === undefined) return [];
  const { node } = place.facts;
  const isKnown = view.nodes.some((n) =>
    [...(stateOf(n)?.volumes.values() ?? [])].some((v) => v.id === at.volumeId),
  );
  if (isKnown || !holdsNoFile(at)) return [];
  const volume =
    desired.volumes.find((v) => v.bricks.some((b) => b.node === node && b.path === place.path))?.name ?? '';
  const args = { node, path: place.path, volume, existedBefore: true };
  return [stepAfter(brickClean.intent(args), finding.message)];
}

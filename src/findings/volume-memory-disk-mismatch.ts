/** A glusterd that believes something else than its disk says. */
import type { VolumeName } from '../model/names.ts';
import type { NodeFacts } from '../model/observed.ts';
import { copiesOf } from '../view/copies.ts';
import { hasBrokenFiles, hasUntrustedStore } from '../view/trust.ts';
import { stateOf, type View } from '../view/view.ts';
import { defineFinding, type Found, onFullNode, witness } from './finding.ts';
import { differingLines, memoryDifferences } from './shared/difference.ts';
import { equaliseVolume } from './shared/volume-copies.ts';
import { isAbsent } from './shared/wanted.ts';

export const volumeMemoryDiskMismatch = defineFinding({
  code: 'volume-memory-disk-mismatch',
  explain: {
    title: 'Memory and disk of glusterd differ',
    meaning:
      'A running glusterd holds a volume otherwise than its files do. ' +
      'What it has in memory counts until it restarts, then what is on disk; ' +
      'its next store overwrites the disk.',
    cause:
      'A store that failed (full disk, file that cannot be written), ' +
      'or files that were edited or removed while glusterd ran. Or an option of an older release: ' +
      'a glusterd that does not know it passes over it, and drops it when it next writes the volume; ' +
      'one that others have rejected for it does not write.',
    looksAt:
      'gluster get-state against vols/V/info of the same node: ' +
      'presence, id, status, bricks in order, options.',
    repair: 'Disk is made right with glusterd stopped, then glusterd is started: it reads the disk.',
    risk: 'A volume that is on the disk of no node and in the memory of one is gone when that glusterd ends.',
    byHand: [
      'gluster get-state glusterd odir /tmp file state; compare with /var/lib/glusterd/vols/VOLUME/info',
      'If memory is right: any "gluster volume set" of the volume rewrites the files.',
      'If the disk is right: restart glusterd.',
    ],
  },
  effectOf: [{ codes: ['filesystem-full'], when: onFullNode }],
  detect: (view, desired) =>
    view.nodes
      .filter((n) => n.memory.kind === 'up' && !hasUntrustedStore(view, n))
      .flatMap((facts) => {
        const names = new Set([...facts.store.volumes.keys(), ...(stateOf(facts)?.volumes.keys() ?? [])]);
        return [...names]
          .filter((name) => !hasBrokenFiles(facts, name))
          .flatMap((name) => {
            // A deletion that is half done reports it already.
            if (isAbsent(desired, name) && !facts.store.volumes.has(name)) return [];
            return found(view, facts, name);
          });
      }),
  repair: equaliseVolume,
  isDisagreement: true,
});

function found(view: View, facts: NodeFacts, name: VolumeName): readonly Found[] {
  const disk = facts.store.volumes.get(name);
  const memory = stateOf(facts)?.volumes.get(name);
  const { node } = facts;
  const info = `vols/${name}/info`;
  // Others have it on disk and this one does not: reported as a missing volume, with this memory as evidence.
  if (disk === undefined && view.volumes.has(name)) return [];
  const differences =
    disk === undefined
      ? [`${witness(node, info, 'does not exist')}; glusterd has the volume in memory`]
      : memory === undefined
        ? [
            `${witness(node, info, `version=${String(disk.version)}`)}; ` +
              'glusterd does not have the volume in memory',
          ]
        : memoryDifferences(view, node, disk, memory);
  if (differences.length === 0) return [];
  const volume = view.volumes.get(name);
  const others =
    volume === undefined || disk === undefined
      ? []
      : differingLines(
          name,
          copiesOf(view, volume).filter(([, copy]) => copy.version === disk.version),
        );
  return [
    {
      severity: 'error',
      subject: `volume/${name}`,
      nodes: [node],
      message: `glusterd on ${node} holds volume ${name} otherwise than its disk`,
      evidence: [...differences, ...others],
      remedy:
        disk !== undefined
          ? '"glusterctl recover FILE"'
          : view.nodes.every((n) => stateOf(n)?.volumes.has(name) === true)
            ? 'do not restart glusterd anywhere: memory is the only copy. ' +
              `If it is started, "gluster volume start ${name} force" writes it to every disk, ` +
              'and then any "gluster volume set" its volfiles'
            : `do not restart glusterd on ${node}: its memory is the only copy. "glusterctl recover FILE"`,
    },
  ];
}

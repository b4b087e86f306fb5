/**
 * What the planner itself says against a file, explained like a finding. Owns those words; `explain` prints
 * them.
 */
import type { FindingSpec } from '../findings/finding.ts';

type Explained = Pick<FindingSpec, 'code' | 'explain' | 'needsDecision'>;

const fixedAtCreation = (code: string, what: string, example: string): Explained => ({
  code,
  explain: {
    title: `The file asks for another ${what}`,
    meaning:
      `The volume exists, with another ${what} than the file says. ` +
      'Nothing of it is changed while they differ.',
    cause:
      'The file was edited after the volume was made, ' +
      `or describes another volume of the same name. ${example}`,
    looksAt: 'vols/V/info on the members, and the volume in the cluster file.',
    repair: 'None: changing it on a volume that holds data is a migration, which glusterctl does not do yet.',
    risk: 'A brick list in another order would mix replica sets.',
    byHand: [
      'Make the file say what is there ("gluster volume info VOLUME").',
      'Or make a new volume under another name and copy the data.',
    ],
  },
});

export const PLANNER_CODES: readonly Explained[] = [
  fixedAtCreation('volume-layout-differs', 'layout', 'Replica 3 became replica 3 arbiter 1, for example.'),
  fixedAtCreation(
    'volume-bricks-differ',
    'list of bricks',
    'A brick was added, moved, or written in another place.',
  ),
  fixedAtCreation('volume-transport-differs', 'transport', 'tcp became rdma, for example.'),
  {
    code: 'volume-protected',
    needsDecision: true,
    explain: {
      title: 'A protected volume shall be destroyed',
      meaning:
        'The volume is protected: a file has said protect: true, and its nodes remember that. ' +
        'No step may destroy anything of it, whatever the flags say.',
      cause:
        'A deletion that was not meant, or a protection that was forgotten. Letting the protection go ' +
        'together with another change of the volume counts as well: nobody would see that it goes.',
      looksAt: 'The cluster file, and the option user.glusterctl.protect of the volume on every member.',
      repair: 'None.',
      risk: 'None: nothing is touched.',
      byHand: [
        'Take protect: true out of the file, change nothing else of the volume, and apply that.',
        'Then delete or change the volume in a run of its own.',
      ],
    },
  },
  {
    code: 'option-not-removable',
    explain: {
      title: 'An option that gluster cannot take away',
      meaning:
        'The volume has an option named user.*, the file does not name it, and optionsMode is exact. ' +
        'It stays as it is.',
      cause: 'Somebody set it: gluster takes any name that begins with user., for notes and for hooks.',
      looksAt: 'vols/V/info on the members, and the volume in the cluster file.',
      repair: 'None: "gluster volume reset" refuses the name, also with force.',
      risk: 'None: gluster itself never reads such an option.',
      byHand: [
        'Name it in the file, or set optionsMode: merge.',
        '"gluster volume reset VOLUME", without an option, takes it away, together with all others.',
      ],
    },
  },
  {
    code: 'volume-unmanaged',
    explain: {
      title: 'A volume that the file does not name',
      meaning: 'The cluster has a volume that is not in the file. It is left alone: absence never deletes.',
      cause: 'Somebody made it by hand, or it belongs to another file.',
      looksAt: 'vols/ on the members, and the cluster file (policy.unmanagedVolumes: report).',
      repair: 'None.',
      risk: 'None.',
      byHand: ['Add it to the file, or say state: absent of it to delete it.'],
    },
  },
  {
    code: 'step-not-possible',
    explain: {
      title: 'A step that cannot be done as things are',
      meaning:
        'What the step needs on a node is not there: ' +
        'a mounted file system, an empty directory, free space, a peer of its own.',
      cause: 'See the evidence: each line names the node, the path and what is wrong with it.',
      looksAt:
        'Brick paths, their parents, mounts and xattrs; snapshots and tasks of the volume; ' +
        'on every node, before anything is changed.',
      repair:
        'None: the step is refused. glusterd would find some of it too, ' +
        'but only after it made directories and set xattrs.',
      risk: 'None: nothing is touched.',
      byHand: ['Repair what the evidence names, or change the cluster file.'],
    },
  },
];

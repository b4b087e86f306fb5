/**
 * What the planner itself says against a file, explained like a finding. Owns those words; `explain` prints
 * them.
 */
import type { FindingSpec } from '../findings/finding.ts';

type Explained = Pick<FindingSpec, 'code' | 'explain'>;

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
    explain: {
      title: 'A protected volume shall be deleted',
      meaning: 'The file says protect: true and state: absent of one volume. Protection wins.',
      cause: 'A deletion that was not meant, or a protection that was forgotten.',
      looksAt: 'The cluster file alone.',
      repair: 'None.',
      risk: 'None: nothing is touched.',
      byHand: ['Take protect: true out of the file, if the volume shall go.'],
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

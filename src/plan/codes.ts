/**
 * What the planner itself says against a file, explained like a finding. Owns those words; `explain` prints
 * them.
 */
import type { FindingSpec } from '../findings/finding.ts';

interface Explained extends Pick<FindingSpec, 'code' | 'explain' | 'needsDecision'> {
  /** The file asks for what no cluster can become: it is the file that has to be changed. */
  readonly isOfFile?: true;
}

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
    risk: 'None: nothing is touched.',
    byHand: [
      'Make the file say what is there ("gluster volume info VOLUME").',
      'Or make a new volume under another name and copy the data.',
    ],
  },
});

export const PLANNER_CODES: readonly Explained[] = [
  fixedAtCreation(
    'volume-layout-differs',
    'layout',
    'It has a thin arbiter, or was striped or tiered by an old release: no file can say that.',
  ),
  fixedAtCreation('volume-transport-differs', 'transport', 'tcp became rdma, for example.'),
  {
    code: 'brick-order-differs',
    explain: {
      title: 'The file has the bricks in another order',
      meaning:
        'The sets have the same bricks as in the file. Their order, or that of the bricks in one, differs.',
      cause:
        'glusterd puts new sets last, a replacement in the place of its predecessor, and a further copy ' +
        'last in its set. The file may have them elsewhere.',
      looksAt: 'vols/V/info on the members, and the volume in the cluster file.',
      repair: 'None: there is nothing to repair, and glusterd cannot order bricks.',
      risk: 'None: which files a brick holds depends on its set alone.',
      byHand: ['Leave it, or write the bricks in the order of "glusterctl export".'],
    },
  },
  {
    code: 'rebalance-needs-lookup-optimize-off',
    isOfFile: true,
    explain: {
      title: 'The file turns on an option with which clients miss files',
      meaning: 'The volume is to be rebalanced, and the file says "cluster.lookup-optimize: on" for it.',
      cause:
        'With this option, a client that finds no file on the brick where its name leads asks no other. ' +
        'While files are moved, some are elsewhere, and glusterd 10 may leave some there for good.',
      looksAt: 'The option and "rebalance" of the volume in the cluster file.',
      repair: 'None: it is the file that has to be changed.',
      risk: 'Files would seem to be missing by their names, though directories list them.',
      byHand: [
        'Take the option out of the file: the rebalance turns it off, and it stays off.',
        'Or say "rebalance: fixLayout", with which no file moves, or "rebalance: none".',
      ],
    },
  },
  {
    code: 'bricks-regrouped',
    isOfFile: true,
    explain: {
      title: 'The file has bricks in other sets',
      meaning:
        'Bricks that hold the same files are in different sets of the file, or bricks that hold different ' +
        'files are in one. Nothing of the volume is changed.',
      cause:
        'The list of bricks was sorted, a brick was added in the middle, or the count of the set was ' +
        'changed without new bricks. Consecutive bricks form a set.',
      looksAt:
        'vols/V/info on the members, and the volume in the cluster file. Sets are compared by their members.',
      repair: 'None: glusterd moves no brick from set to set. It would have to be emptied and filled again.',
      risk: 'None: nothing is touched.',
      byHand: [
        'Write the bricks as "gluster volume info VOLUME" has them.',
        'Or put a new brick in its place; write the old one into the other set when its directory is empty.',
      ],
    },
  },
  {
    code: 'arbiter-moved',
    isOfFile: true,
    explain: {
      title: 'The file makes another brick the arbiter',
      meaning:
        'The last brick of each set is its arbiter, which holds names and no content. In the file another ' +
        'brick of the set is the last. Nothing of the volume is changed.',
      cause: 'The list of bricks was sorted, or an arbiter was added or taken out in the wrong place.',
      looksAt: 'vols/V/info on the members, and the volume in the cluster file.',
      repair: 'None: glusterd cannot make an arbiter of a brick with data, nor the other way round.',
      risk: 'None: nothing is touched.',
      byHand: ['Write the arbiter last in its set, or a new brick in its place.'],
    },
  },
  {
    code: 'layout-not-convertible',
    isOfFile: true,
    explain: {
      title: 'A layout that the volume cannot be given',
      meaning:
        'No command of glusterd makes this layout of the one that the volume has, or none in one step. ' +
        'Nothing of the volume is changed.',
      cause:
        'replica became disperse, the numbers of a disperse volume changed, or an arbiter became a brick ' +
        'with data. The number of copies can change; an arbiter can join two copies and leave them again.',
      looksAt: 'vols/V/info on the members, and the volume in the cluster file.',
      repair: 'None. Where several edits of the file lead there, the remedy names them.',
      risk: 'None: nothing is touched.',
      byHand: [
        'Apply the edits that are named, one after the other.',
        'Or make a new volume and copy the files.',
      ],
    },
  },
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
    code: 'set-quorum-at-risk',
    needsDecision: true,
    explain: {
      title: 'Clients cannot do without these bricks',
      meaning:
        'The step takes bricks away, and what is left of a replica or disperse set is not enough for its ' +
        'clients: no full copy, too few for quorum, or nothing in reserve. Or too few glusterds are left ' +
        'for server quorum.',
      cause:
        'Other bricks of the set are down, or its layout has no reserve: distribute, replica 2 with ' +
        'quorum, disperse with redundancy 1.',
      looksAt:
        'The bricks that are online, cluster.quorum-type, cluster.quorum-count and ' +
        'cluster.server-quorum-type of the volume, cluster.server-quorum-ratio.',
      repair: 'None: nothing is done that would take a volume from its clients.',
      risk: 'None: nothing is touched.',
      byHand: [
        'Bring the other bricks of the set back first ("glusterctl doctor FILE"), then run the same command.',
        'Or stop the volume: clients lose it at a time of your choice.',
      ],
    },
  },
  {
    code: 'only-heal-source',
    needsDecision: true,
    explain: {
      title: 'The brick that goes may have the only good copy',
      meaning:
        'The file has another brick in its place, and whether others of its set still have to get files ' +
        'from it cannot be seen. glusterd would take it out all the same.',
      cause: 'The index of heals of that brick could not be listed: its disk gives errors, or hangs.',
      looksAt: 'The entries in .glusterfs/indices/xattrop of the brick that goes.',
      repair: 'None: nothing is replaced.',
      risk: 'None: nothing is touched.',
      byHand: [
        'Check the disk of the brick: dmesg; ls BRICK/.glusterfs/indices/xattrop',
        'gluster volume heal VOLUME info summary',
        'Where it is lost anyway: end its process, and run the same command.',
      ],
    },
  },
  {
    code: 'node-has-bricks',
    needsDecision: true,
    explain: {
      title: 'A node that is to be absent has bricks',
      meaning: 'The file says "state: absent" of a node, and a volume or a snapshot has bricks on it.',
      cause:
        'Bricks leave a node by an edit of their volume. One of these volumes is not in the file, or its ' +
        'edit is refused; or a snapshot was made while the node had bricks.',
      looksAt: 'vols/*/bricks and snaps/*/*/bricks on all members, whether the file names the volume or not.',
      repair:
        'None: the node stays in the pool. glusterd would refuse it too, but for a volume that is whole on ' +
        'the node: that one it takes along, without a word.',
      risk: 'None: nothing is touched.',
      byHand: [
        'Write a brick of another node in the place of each.',
        'Or say state: absent of the volume, and apply that before the node is to be absent.',
        'Name a volume that is not in the file there first: glusterctl export FILE',
        'gluster snapshot delete NAME',
      ],
    },
  },
  {
    code: 'target-too-small',
    explain: {
      title: 'Bricks are too small for what they would get',
      meaning:
        'Bricks shall leave the volume, and what is used on their file systems does not fit on those of ' +
        'the others. Or a brick shall be filled (a further copy, in the place of another, on a new disk), ' +
        'and what its set has does not fit there. Nothing is begun.',
      cause:
        'They are full, or bricks of other volumes are on the same file systems. Kept free are ' +
        'storage.reserve (1 %) and, where files are moved, cluster.min-free-disk (10 % unless it is set).',
      looksAt: 'The file systems of all bricks of the volume, and those of bricks that are to be filled.',
      repair: 'None: nothing is moved or copied.',
      risk: 'None: nothing is touched.',
      byHand: [
        'Make room on the bricks that stay, or add a set first.',
        'Give bricks that are to be filled larger file systems.',
        'Where less may stay free: gluster volume set VOLUME cluster.min-free-disk 2%',
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

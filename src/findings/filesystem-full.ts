/** File systems on which glusterd writes, and cannot or soon cannot. */
import { grouped, listed } from '../core/text.ts';
import type { FilesystemFacts, NodeFacts } from '../model/observed.ts';
import { isFatal, isShort, WATCHED } from '../view/room.ts';
import { defineFinding, type Found, witness } from './finding.ts';

const MIB = 1024 * 1024;

export const filesystemFull = defineFinding({
  code: 'filesystem-full',
  explain: {
    title: 'A file system of glusterd is full',
    meaning:
      'glusterd cannot write its store, its temporary files or its logs. ' +
      'A change then fails on this node and is committed on all others; ' +
      'a restart can lose peer files; with no room in /run, glusterd does not start at all.',
    cause:
      'Logs, a core dump, something else on the same file system; ' +
      'or it was mounted read-only after an error.',
    looksAt: 'Free bytes of /var/lib/glusterd, /tmp, /run and /var/log, and whether they are read-only.',
    repair:
      'None by this tool: it frees no space. Until there is room in /var/lib/glusterd, /tmp and /run, ' +
      'no repair stops or starts glusterd on the node.',
    risk: 'Do not restart glusterd on the node while the file system is full.',
    byHand: [
      'df -h /var/lib/glusterd /tmp /run /var/log',
      'Free some space there, then read the cluster again.',
    ],
  },
  detect: (view) => view.nodes.filter((n) => n.version !== undefined).flatMap(found),
});

function found(facts: NodeFacts): readonly Found[] {
  const short = WATCHED.flatMap((path) => {
    const fs = facts.filesystems.get(path);
    return fs !== undefined && isShort(fs) ? [fs] : [];
  });
  // Directories on one file system have the same numbers: one cause, one finding.
  return grouped(
    short,
    (fs) => `${String(fs.totalBytes)} ${String(fs.freeBytes)} ${String(fs.readOnly)}`,
  ).map((same) => {
    const paths = same.map((fs) => fs.path);
    const one = paths.length === 1;
    return {
      severity: same.some((fs) => isFatal(fs.path, fs)) ? ('error' as const) : ('warning' as const),
      subject: `node/${facts.node}`,
      nodes: [facts.node],
      message:
        `${listed(paths)} on ${facts.node} ` +
        `${same[0]?.readOnly === true ? (one ? 'is' : 'are') : one ? 'has' : 'have'} ` +
        (same[0]?.readOnly === true ? 'read-only' : 'almost no space left'),
      evidence: same.map((fs) => witness(facts.node, fs.path, size(fs))),
      remedy: `free space there before anything else, and do not restart glusterd on ${facts.node}`,
    };
  });
}

const size = (fs: FilesystemFacts): string =>
  `${(fs.freeBytes / MIB).toFixed(1)} of ${(fs.totalBytes / MIB).toFixed(0)} MiB ` +
  `free${fs.readOnly ? ', read-only' : ''}`;

/** A brick process that belongs to nothing, or to a volume that is stopped. */
import { volumeName } from '../model/names.ts';
import type { DaemonBrick, NodeFacts } from '../model/observed.ts';
import { localBricks } from '../view/brick.ts';
import { hasUntrustedStore, isUnreadable } from '../view/trust.ts';
import { servesOthers, stateOf, type View } from '../view/view.ts';
import { defineFinding, type Found, witness } from './finding.ts';
import { endProcess, placeOf } from './shared/brick-processes.ts';

export const brickProcessOrphan = defineFinding({
  code: 'brick-process-orphan',
  explain: {
    title: 'An orphaned brick process',
    meaning:
      'A glusterfsd serves a directory that is no brick of any started volume. ' +
      'Clients that are still connected go on writing there.',
    cause:
      'The volume was deleted or stopped, or the brick removed, ' +
      'on a node that was out of reach; or the process was started by hand.',
    looksAt: 'The argv of every glusterfsd against the volumes in the stores of all nodes.',
    repair:
      'Ended where its volume is known and not started. ' +
      'A process of a volume or a brick that no node knows is not ended: ' +
      'it may be the last one that serves somebody.',
    risk: 'Ending it interrupts clients that still use it.',
    byHand: ['ss -tnp | grep PORT: does anybody use it?', 'kill (SIGTERM) the process'],
  },
  detect: (view) =>
    view.nodes.filter((n) => !hasUntrustedStore(view, n)).flatMap((facts) => found(view, facts)),
  // A process of a volume that no node knows, which is a warning, may be serving a client.
  repair: (finding, { view }) => {
    const place = finding.severity === 'error' ? placeOf(finding, view) : undefined;
    if (place === undefined) return [];
    const { facts, path } = place;
    return facts.processes
      .filter((p) => p.brick?.path === path && p.state !== 'Z')
      .flatMap((p) => endProcess(facts, p.pid, path, finding.message));
  },
});

function found(view: View, facts: NodeFacts): readonly Found[] {
  const own = new Set(localBricks(view, facts).map((b) => `${b.volume.name} ${b.brick.path}`));
  return facts.processes.flatMap((process) => {
    const { brick } = process;
    // Bricks of snapshots have volfile-ids of another form, and lie below snaps/.
    if (
      brick === undefined ||
      process.state === 'Z' ||
      process.ports.length === 0 ||
      brick.volume.includes('/')
    )
      return [];
    if (servesOthers(facts, process)) return [];
    const copies = [...(view.volumes.get(volumeName(brick.volume))?.copies ?? [])];
    const isKnown = own.has(`${brick.volume} ${brick.path}`);
    const isBrick = copies.some(([, copy]) =>
      copy.bricks.some((b) => b.path === brick.path && view.ownerOf(b) === facts.node),
    );
    const isStarted = copies.some(([, copy]) => copy.status === 'started');
    if (isBrick && (isStarted || !isKnown)) return [];
    // In service by a memory that has lost its disk: a finding of its own, and nothing to be ended.
    const isRemembered = view.nodes.some((n) => {
      const volume = stateOf(n)?.volumes.get(volumeName(brick.volume));
      // Bricks of other nodes often have the same path.
      const isHere = (b: DaemonBrick): boolean => (view.ownerOf(b) ?? facts.node) === facts.node;
      return volume?.status === 'started' && volume.bricks.some((b) => b.path === brick.path && isHere(b));
    });
    if (isRemembered || isUnreadable(view, brick.volume)) return [];
    return [
      {
        severity: isBrick ? ('error' as const) : ('warning' as const),
        subject: `brick/${facts.node}:${brick.path}`,
        nodes: [facts.node],
        message: isBrick
          ? `volume ${brick.volume} is not started, but brick ${facts.node}:${brick.path} still runs`
          : `a process on ${facts.node} serves ${brick.path} as a brick of volume ${brick.volume}, ` +
            `which ${copies.length === 0 ? 'no node knows' : 'does not have that brick'}`,
        evidence: [
          witness(
            facts.node,
            `/proc/${String(process.pid)}/cmdline`,
            `--brick-name ${brick.path}, listens on ${process.ports.join(', ')}`,
          ),
          ...(copies.length === 0
            ? [`vols/${brick.volume}: on no node`]
            : copies.map(([n, c]) =>
                witness(n, `vols/${brick.volume}/info`, `${c.status}, ${String(c.bricks.length)} bricks`),
              )),
        ],
        remedy: `if no client uses it, end it on ${facts.node}: kill ${String(process.pid)}`,
      },
    ];
  });
}

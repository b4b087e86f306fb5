/**
 * What a cluster is without some of its bricks, or without a node: whether its clients go on, and whether
 * anything is lost or waits. Owns the rules of client quorum (afr-common.c, ec.c); refuses to decide.
 */
import type { NodeName } from '../model/names.ts';
import type { StoreBrick, StoreVolume } from '../model/observed.ts';
import { isOnline } from './brick.ts';
import { isDrained } from './drained.ts';
import { memberNodes, poolIn } from './pool.ts';
import { followers, neededForQuorum } from './quorum.ts';
import { glusterdProcess } from './settled.ts';
import type { View } from './view.ts';
import { type BrickSet, memberOf, setsOf, wholenessOf } from './whole.ts';

/** Why a node, or a brick, cannot be away. */
export interface AbsenceProblem {
  /** Heals that wait, clients or bricks that would go, files that are being moved. */
  readonly kind: 'heal' | 'quorum' | 'task';
  readonly subject: string;
  readonly message: string;
  readonly evidence: readonly string[];
}

export const setWords = ({ volume, number }: BrickSet): string =>
  `set ${String(number)} of volume ${volume.name}`;

/** Why a node cannot be taken out of service as things are. */
export function absenceProblems(node: NodeName, view: View): readonly AbsenceProblem[] {
  const started = [...view.volumes.values()].map(({ best }) => best).filter((v) => v.status === 'started');
  const isOwn = (brick: StoreBrick): boolean => view.ownerOf(brick) === node;
  return [
    ...serverQuorumProblems(node, view),
    ...started
      .filter((v) => v.bricks.some(isOwn))
      .flatMap((volume) => [
        ...taskProblems(volume),
        ...setsOf(volume)
          .filter((set) => set.bricks.some(isOwn))
          .flatMap((set) => [
            ...healProblems(set, view),
            ...quorumProblems(set, set.bricks.filter(isOwn), view),
          ]),
      ]),
  ];
}

export function taskProblems({ name, pendingTask }: StoreVolume): readonly AbsenceProblem[] {
  if (pendingTask === undefined) return [];
  const message = `a ${pendingTask} of volume ${name} is not over`;
  return [{ kind: 'task', subject: `volume/${name}`, message, evidence: [] }];
}

/** `without`: a brick that is not asked, for it is to go. */
export function healProblems(set: BrickSet, view: View, without?: StoreBrick): readonly AbsenceProblem[] {
  const { volume } = set;
  if (volume.layout.kind === 'distribute') return [];
  const wholeness = wholenessOf(set, view, without && [without]);
  if (wholeness.kind === 'whole') return [];
  const message =
    wholeness.kind === 'pending'
      ? `heals are pending in ${setWords(set)}`
      : `whether heals are pending in ${setWords(set)} is not known`;
  return [{ kind: 'heal', subject: `volume/${volume.name}`, message, evidence: wholeness.problems }];
}

/**
 * What clients need of a set, held against what is left of it without these bricks. `reserve`: bricks of a
 * disperse set that may fail besides.
 */
export function quorumProblems(
  set: BrickSet,
  leaving: readonly StoreBrick[],
  view: View,
  reserve = 1,
): readonly AbsenceProblem[] {
  const { volume, bricks } = set;
  const stays = (brick: StoreBrick): boolean => {
    const local = memberOf(volume, brick, view);
    return !leaving.includes(brick) && local !== undefined && isOnline(local) && !isDrained(local.facts);
  };
  const remaining = bricks.filter(stays);
  const why = lacking(set, remaining, reserve);
  if (why === undefined) return [];
  const away = leaving.map((b) => `${view.ownerOf(b) ?? b.hostname}:${b.path}`).join(', ');
  return [
    {
      kind: 'quorum',
      subject: `volume/${volume.name}`,
      message: `clients of volume ${volume.name} cannot do without ${away}`,
      evidence: [
        `${setWords(set)}: ${String(remaining.length)} of ${String(bricks.length)} bricks would be up`,
        why,
      ],
    },
  ];
}

/** Undefined: it is enough. */
function lacking(
  { volume, bricks }: BrickSet,
  remaining: readonly StoreBrick[],
  reserve: number,
): string | undefined {
  const { layout, options } = volume;
  switch (layout.kind) {
    case 'distribute':
      return remaining.length < bricks.length ? 'it holds files that no other brick has' : undefined;
    case 'disperse': {
      const needed = layout.disperse - layout.redundancy + reserve;
      const why = reserve === 0 ? '' : `, so that ${String(reserve)} more may fail`;
      return remaining.length < needed ? `${String(needed)} are needed${why}` : undefined;
    }
    case 'replicate': {
      const data = bricks.slice(0, bricks.length - layout.arbiter);
      if (!remaining.some((b) => data.includes(b))) return 'no full copy would be left';
      const type = options.get('cluster.quorum-type') ?? (bricks.length > 2 ? 'auto' : 'none');
      const fixed = Number.parseInt(options.get('cluster.quorum-count') ?? '1', 10);
      if (type === 'fixed' && remaining.length < fixed)
        return `cluster.quorum-type is fixed, cluster.quorum-count ${String(fixed)}`;
      const isHalf =
        remaining.length * 2 === bricks.length && bricks[0] !== undefined && remaining.includes(bricks[0]);
      if (type === 'auto' && remaining.length * 2 <= bricks.length && !isHalf)
        return 'cluster.quorum-type is auto: more than half are needed, or half with the first';
      return undefined;
    }
  }
}

/** With its glusterd away too, as in a reboot. */
function serverQuorumProblems(node: NodeName, view: View): readonly AbsenceProblem[] {
  const volumes = followers(view);
  const remaining = poolIn(view).members.filter(
    (n) => n.node !== node && glusterdProcess(n) !== undefined,
  ).length;
  const needed = neededForQuorum(view);
  if (volumes.length === 0 || remaining >= needed || !memberNodes(view).includes(node)) return [];
  return [
    {
      kind: 'quorum',
      subject: `node/${node}`,
      message: `server quorum is lost without ${node}: glusterd stops the bricks of ${volumes.join(', ')}`,
      evidence: [`${String(remaining)} glusterds would run, ${String(needed)} are needed`],
    },
  ];
}

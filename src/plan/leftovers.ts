/**
 * What a volume with `state: absent` leaves behind: processes of its bricks, and gluster's marks on their
 * directories. Pure. Owns which of it goes: only what carries the id that the volume had, and no file goes.
 */
import { brickClean } from '../actions/brick-clean.ts';
import { brickUnmark } from '../actions/brick-unmark.ts';
import { processEnd } from '../actions/process.ts';
import { brickLeftoverXattrs } from '../findings/brick-leftover-xattrs.ts';
import { holdsNoFile, holdsWords } from '../view/brick-marks.ts';
import type { Brick, Desired } from '../model/desired.ts';
import { brickPath, type NodeName, type VolumeName } from '../model/names.ts';
import type { NodeFacts, PathFacts } from '../model/observed.ts';
import type { Finding, Plan, Step } from '../model/plan.ts';
import { isProtectedOnNodes } from '../view/protection.ts';
import { servesOthers, stateOf, type View } from '../view/view.ts';
import { basisOf } from './basis.ts';

/** A volume that the file wants gone, as it was while a store still had it. */
export interface Leaving {
  readonly name: VolumeName;
  readonly id: string;
  readonly bricks: readonly Brick[];
}

export const leavingIn = (desired: Desired, view: View): readonly Leaving[] =>
  absentIn(desired, view).filter(({ name }) => !isProtectedOnNodes(view, name));

/** Where stores have two volumes of that name, whose marks are whose is not known, and none is named. */
const absentIn = (desired: Desired, view: View): readonly Leaving[] =>
  desired.volumes.flatMap(({ name, state }) => {
    const volume = state === 'absent' ? view.volumes.get(name) : undefined;
    if (volume === undefined) return [];
    const { id, bricks } = volume.best;
    if ([...volume.copies.values()].some((copy) => copy.id !== id)) return [];
    const owned = bricks.flatMap((b) => {
      const node = view.ownerOf(b);
      return node === undefined ? [] : [{ node, path: brickPath(b.path) }];
    });
    return [{ name, id, bricks: owned }];
  });

/** What may be named so that its marks go: a volume that is protected is refused for that, by its name. */
export const markedBricks = (desired: Desired, view: View): readonly string[] =>
  absentIn(desired, view).flatMap((volume) => markedOf(volume, view).map(subjectOf));

/** The file, with the bricks that its absent volumes had: they are observed when no store has them. */
export const withLeaving = (desired: Desired, leaving: readonly Leaving[]): Desired => ({
  ...desired,
  volumes: desired.volumes.map((v) => {
    const found = leaving.find((l) => l.name === v.name);
    return found === undefined ? v : { ...v, bricks: found.bricks };
  }),
});

export interface Leftovers {
  readonly steps: readonly Step[];
  /** Marks that stay, because there are files. */
  readonly findings: readonly Finding[];
}

interface Marked {
  readonly facts: NodeFacts;
  readonly at: PathFacts;
}

const subjectOf = ({ facts, at }: Marked): string => `brick/${facts.node}:${at.path}`;

/** Its bricks that carry its id, and no other volume's. */
const markedOf = ({ name, id, bricks }: Leaving, view: View): readonly Marked[] =>
  bricks.flatMap(({ node, path }) => {
    const facts = view.facts(node);
    const at = facts?.paths.get(path);
    return facts === undefined || at?.volumeId !== id || isOfAnother(id, name, view) ? [] : [{ facts, at }];
  });

/**
 * As they would be with these volumes gone from every store. Where a brick holds a file, or may hold one, all
 * of them keep their marks: without them the volume cannot be restored. Only one that is `allowed` loses them
 * then, and with the last of these all others do.
 */
export function leftoversOf(
  leaving: readonly Leaving[],
  view: View,
  allowed: readonly string[],
  when: 'before' | 'after' = 'before',
): Leftovers {
  const steps: Step[] = [];
  const findings: Finding[] = [];
  for (const volume of leaving) {
    const { name, id, bricks } = volume;
    const marked = markedOf(volume, view);
    const full = marked.filter(({ at }) => !holdsNoFile(at));
    const unread = bricks.flatMap(({ node, path }) => {
      const reason = view.facts(node)?.unreadPaths.get(path);
      return reason === undefined ? [] : [{ node, path, reason }];
    });
    const staying = full.filter((m) => !allowed.includes(subjectOf(m)));
    findings.push(
      ...staying.map((m) => kept(m, name, when)),
      ...unread.map(({ node, path, reason }) =>
        keptOn(node, path, name, {
          why: 'it could not be read',
          evidence: [`${node}: ${path}: ${reason}`],
          remedy: BY_HAND,
        }),
      ),
    );
    for (const { facts, at } of marked) {
      const args = { node: facts.node, path: at.path, volume: name, volumeId: id };
      const gone = `volume ${name} is gone, as the file says`;
      if (!holdsNoFile(at)) {
        const reason = `${gone}, and its brick is named`;
        if (!staying.some((m) => m.at === at))
          steps.push(brickUnmark.step(args, view, { reason, after: [] }));
      } else if (staying.length + unread.length === 0) {
        const reason = full.length > 0 ? gone : `${gone}, and holds no file`;
        steps.push(brickClean.step({ ...args, existedBefore: true }, view, { reason, after: [] }));
      }
    }
  }
  return { steps, findings };
}

const isOfAnother = (id: string, name: VolumeName, view: View): boolean =>
  view.nodes.some((n) =>
    [...n.store.volumes.values(), ...(stateOf(n)?.volumes.values() ?? [])].some(
      (v) => v.id === id && v.name !== name,
    ),
  );

/** Once they are gone: what is left of them, and nothing else. */
export function leftoverPlan(
  leaving: readonly Leaving[],
  desired: Desired,
  view: View,
  allowed: readonly string[],
): Plan {
  const gone = leaving.filter(({ name }) => !isKnown(name, view));
  const { steps, findings } = leftoversOf(gone, view, allowed, 'after');
  const ends = gone.flatMap(({ name }) => processesOf(name, view));
  const all = [...ends, ...steps.map((s) => ({ ...s, after: ends.map((e) => e.id) }))];
  return {
    formatVersion: 1,
    cluster: desired.cluster,
    changes: all.length > 0,
    findings,
    steps: all,
    diffs: [],
    basis: basisOf(desired, view),
  };
}

const isKnown = (name: VolumeName, view: View): boolean =>
  view.volumes.has(name) || view.nodes.some((n) => stateOf(n)?.volumes.has(name) === true);

const processesOf = (name: VolumeName, view: View): readonly Step[] =>
  view.nodes.flatMap((facts) =>
    facts.processes.flatMap((process) => {
      const { brick, state, pid, startTicks } = process;
      if (brick?.volume !== name || state === 'Z' || servesOthers(facts, process)) return [];
      const args = { node: facts.node, pid, startTicks, path: brick.path };
      const reason = `volume ${name} is gone, as the file says`;
      return [processEnd.step(args, view, { reason, after: [], key: `${facts.node}:${String(pid)}` })];
    }),
  );

const kept = (marked: Marked, name: VolumeName, when: 'before' | 'after'): Finding => {
  const { facts, at } = marked;
  const { node } = facts;
  return keptOn(node, at.path, name, {
    why: 'it holds files',
    evidence: [
      `${node}: ${at.path}: trusted.glusterfs.volume-id=${at.volumeId ?? ''}`,
      `${node}: ${at.path}: ${holdsWords(at)}`,
    ],
    remedy: when === 'before' ? byFlag(subjectOf(marked)) : BY_HAND,
  });
};

const keptOn = (
  node: NodeName,
  path: string,
  name: VolumeName,
  { why, ...rest }: { readonly why: string } & Pick<Finding, 'evidence' | 'remedy'>,
): Finding => ({
  code: brickLeftoverXattrs.code,
  severity: 'info',
  subject: `brick/${node}:${path}`,
  nodes: [node],
  message: `${node}:${path} keeps the marks of volume ${name}, because ${why}`,
  ...rest,
});

const byFlag = (subject: string): string =>
  `--allow-destroy ${subject} takes the marks off as well, and no file, in the run that deletes ` +
  'the volume; it cannot be restored after that';

/** Once no store knows the volume, no flag can name its bricks. */
const BY_HAND =
  'if nothing there is wanted, remove the marks ' + `(see "glusterctl explain ${brickLeftoverXattrs.code}")`;

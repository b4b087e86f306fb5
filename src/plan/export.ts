/**
 * The volumes of a cluster as a cluster file would say them, so that its plan is empty. Owns what a file says
 * and what it leaves unsaid; refuses volumes about which the nodes disagree, for then nothing is true of
 * them.
 */
import { failure, type Failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import { findAll, kindOf } from '../findings/index.ts';
import type {
  Brick,
  Desired,
  DesiredVolume,
  LeftUnsaid,
  RebalanceMode,
  VolumeEntry,
} from '../model/desired.ts';
import { unsayable } from '../model/layout.ts';
import { brickPath, volumeName } from '../model/names.ts';
import type { StoreVolume } from '../model/observed.ts';
import { isProtectedBy } from '../view/protection.ts';
import { owedRebalance } from '../view/rebalance.ts';
import type { View, VolumeView } from '../view/view.ts';
import { optionsToWrite } from './options.ts';

interface Live {
  readonly volumes: readonly VolumeEntry[];
  readonly unsaid: readonly LeftUnsaid[];
}

/**
 * In the order of the file, then by name. What is not seen on a node (`optionsMode`, a protection that was
 * never applied) stays as the file has it. `repair` is the command that makes nodes agree again.
 */
export function liveVolumes(desired: Desired, view: View, repair: string): Result<Live, readonly Failure[]> {
  const order = new Map(desired.volumes.map((v, i): [string, number] => [v.name, i]));
  const place = ({ name }: VolumeView): number => order.get(name) ?? order.size;
  const all = [...view.volumes.values()].sort((a, b) => place(a) - place(b));
  const volumes = all.filter(({ best }) => unsayable(best.layout) === undefined);
  const failures = [
    ...disagreements(desired, view, repair),
    ...volumes.flatMap((v) => foreignBricks(view, v.best)),
  ];
  if (failures.length > 0) return err(failures);
  const writtenOf = ({ name }: StoreVolume): DesiredVolume | undefined =>
    desired.volumes.find((v) => v.name === name);
  return ok({
    volumes: volumes.map(({ best }) => entryOf(view, best, writtenOf(best))),
    unsaid: [
      ...all.flatMap(({ name, best }) => {
        const why = unsayable(best.layout);
        return why === undefined ? [] : [{ what: `volume ${name}`, why }];
      }),
      ...unread(view),
    ],
  });
}

/** Volumes that no node has a definition of which could be read. */
function unread(view: View): readonly LeftUnsaid[] {
  const why = new Map<string, string>();
  for (const { node, store } of view.nodes)
    for (const { path, problem } of store.problems) {
      const name = /^vols\/([^/]+)\/info$/.exec(path)?.[1];
      if (name === undefined || view.volumes.has(volumeName(name)) || why.has(name)) continue;
      why.set(name, `its definition on ${node} ${problem}`);
    }
  return [...why].map(([name, reason]) => ({ what: `volume ${name}`, why: reason }));
}

function entryOf(view: View, volume: StoreVolume, written: DesiredVolume | undefined): VolumeEntry {
  return {
    name: volume.name,
    state: volume.status === 'started' ? 'started' : 'stopped',
    layout: volume.layout,
    transport: volume.transport,
    bricks: bricksOf(view, volume),
    options: optionsToWrite(volume.options),
    optionsMode: written?.optionsMode ?? 'merge',
    rebalance: undemanding(written, view, volume),
    protect: isProtectedBy(volume.options) || (written?.protect ?? false),
  };
}

/** The mode of the file, or the first that asks for nothing now. */
const undemanding = (written: DesiredVolume | undefined, view: View, volume: StoreVolume): RebalanceMode =>
  [written?.rebalance ?? 'auto', 'auto' as const, 'fixLayout' as const].find(
    (mode) => owedRebalance(volume, mode, view) === undefined,
  ) ?? 'none';

const bricksOf = (view: View, volume: StoreVolume): readonly Brick[] =>
  volume.bricks.flatMap((brick) => {
    const node = view.ownerOf(brick);
    return node === undefined ? [] : [{ node, path: brickPath(brick.path) }];
  });

/** One failure for each volume that the nodes do not hold alike. */
function disagreements(desired: Desired, view: View, repair: string): readonly Failure[] {
  const bad = findAll(view, desired).filter(
    (f) => f.severity === 'error' && kindOf(f)?.isDisagreement === true,
  );
  return [...new Set(bad.map((f) => f.subject))].map((subject) =>
    failure('decision-needed', `the nodes do not agree about ${subject.replace('/', ' ')}`, {
      cause: 'a cluster file says one thing of a volume',
      details: bad.filter((f) => f.subject === subject).map((f) => `${f.code}: ${f.message}`),
      fix: `put it right first: ${repair}`,
    }),
  );
}

function foreignBricks(view: View, volume: StoreVolume): readonly Failure[] {
  const foreign = volume.bricks.filter((b) => view.ownerOf(b) === undefined);
  if (foreign.length === 0) return [];
  return [
    failure('decision-needed', `volume ${volume.name} has bricks on nodes that the file does not name`, {
      details: foreign.map((b) => `${b.hostname}:${b.path}`),
      fix: `add to the file, under nodes: ${[...new Set(foreign.map((b) => b.hostname))].join(', ')}`,
    }),
  ];
}

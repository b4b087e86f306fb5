/**
 * The plan that puts the volumes of an earlier transaction's before-image back. Pure. Refuses an image that
 * its nodes do not share, another pool, and other bricks than those that hold the data now.
 */
import { volumeDelete } from '../actions/volume-definition.ts';
import { contentOf, type RestoredVolume, volumeRestore } from '../actions/volume-restore.ts';
import { volumeStop } from '../actions/volume-state.ts';
import { failure, type Failure } from '../core/failure.ts';
import { findAll, kindOf } from '../findings/index.ts';
import { definitionOf } from '../model/definition.ts';
import type { Desired, DesiredVolume } from '../model/desired.ts';
import { brickPath, type NodeName, nodeName, type VolumeName } from '../model/names.ts';
import type { PathFacts, Store, StoreBrick, StoreVolume } from '../model/observed.ts';
import type { Finding, Plan, Step, SubjectDiff } from '../model/plan.ts';
import { brickFitness } from '../view/brick.ts';
import { isProtectedBy, isProtectedOnNodes } from '../view/protection.ts';
import type { View } from '../view/view.ts';
import { basisOf } from './basis.ts';
import { notPossible } from './gate.ts';
import { observedWords, volumeText } from './volume-text.ts';

/** Each node's store as it was before a transaction. */
export interface Image {
  readonly transaction: string;
  readonly stores: ReadonlyMap<NodeName, Store>;
}

export interface Restoring {
  readonly plan: Plan;
  /** What forbids it, whatever flags are given. */
  readonly problems: readonly Failure[];
  /** Deleted volumes whose bricks carry no marks any more: only a new volume can use these. */
  readonly unmarked: readonly Unmarked[];
  /** What else is wrong. */
  readonly besides: readonly Finding[];
  /** What of the image is not put back, each a sentence. */
  readonly leftAlone: readonly string[];
}

export interface Unmarked {
  readonly volume: VolumeName;
  /** Those without marks. */
  readonly bricks: readonly { readonly node: NodeName; readonly at: PathFacts }[];
}

/**
 * The image in the words of a cluster file, so that everything checks its volumes and those that came
 * after it.
 */
export function desiredOf(image: Image, file: Desired, view: View): Desired {
  const then = volumesThen(image);
  const added = [...view.volumes.keys()].filter((name) => !then.has(name));
  const written = (name: VolumeName): DesiredVolume | undefined => file.volumes.find((v) => v.name === name);
  const common = (name: VolumeName) =>
    ({
      name,
      options: new Map(),
      optionsMode: 'merge',
      rebalance: 'none',
      protect: written(name)?.protect === true || isProtectedOnNodes(view, name),
      position: written(name)?.position ?? { file: '', line: 1, column: 1 },
      optionPositions: new Map(),
    }) as const;
  return {
    ...file,
    volumes: [
      ...[...then].map(([name, v]): DesiredVolume => ({
        ...common(name),
        state: v.status === 'started' ? 'started' : 'stopped',
        layout: v.layout,
        transport: v.transport === 'rdma' || v.transport === 'tcp,rdma' ? v.transport : 'tcp',
        bricks: v.bricks.flatMap((b) => {
          const node = ownerOf(b, image);
          return node === undefined ? [] : [{ node, path: brickPath(b.path) }];
        }),
      })),
      ...added.map((name): DesiredVolume => ({
        ...common(name),
        state: 'absent',
        layout: { kind: 'distribute' },
        transport: 'tcp',
        bricks: [],
      })),
    ],
  };
}

export function compileRestore(image: Image, desired: Desired, view: View): Restoring {
  const then = volumesThen(image);
  const changed = [...then].filter(([name]) => differs(image, name, view));
  const added = desired.volumes.filter((v) => v.state === 'absent' && view.volumes.has(v.name));
  const steps = stepsOf(image, changed, added, view);
  const unmarked = changed.flatMap(([name, was]) => unmarkedOf(image, name, was, view));
  const others = changed.filter(([name]) => unmarked.every((u) => u.volume !== name));
  const found = findAll(view, desired).filter((f) => kindOf(f)?.isExpectedByRestore !== true);
  const withPossible = (all: readonly Step[]): readonly Finding[] => [
    ...found,
    ...all.flatMap((s) => notPossible(s, view, desired, 'repair what is named')),
  ];
  const findings = withPossible(steps);
  const plan: Plan = {
    formatVersion: 1,
    cluster: desired.cluster,
    changes: steps.length > 0,
    findings,
    steps,
    diffs: [
      ...changed.flatMap(([name]) => diffsOf(image, name, view)),
      ...added.flatMap(({ name }) => diffsOf(image, name, view)),
    ],
    basis: basisOf(desired, view),
  };
  const problems = [
    ...poolProblems(image, view),
    ...changed.flatMap(([name, was]) => volumeProblems(image, was, view.volumes.get(name)?.best)),
    ...changed.flatMap(([name, was]) => losesProtection(image, was, view.volumes.get(name)?.best)),
    ...added.flatMap((v) =>
      v.protect
        ? [
            refused(
              `volume ${v.name} is protected, and was not there before transaction ${image.transaction}`,
              'protect: true',
              'take protect: true out of the file and apply that alone, if the volume shall go',
            ),
          ]
        : [],
    ),
  ];
  const besides = withPossible(stepsOf(image, others, added, view));
  return { plan, problems, unmarked, besides, leftAlone: optionsThen(image, view) };
}

/** Where nothing else is wrong with its bricks: a disk that is not mounted may still carry the marks. */
function unmarkedOf(image: Image, name: VolumeName, was: StoreVolume, view: View): readonly Unmarked[] {
  if (view.volumes.has(name)) return [];
  const places = was.bricks.flatMap((brick) => {
    const facts = view.facts(ownerOf(brick, image) ?? nodeName(brick.hostname));
    const at = facts?.paths.get(brick.path);
    if (facts === undefined) return [];
    return [{ node: facts.node, at, fitness: brickFitness({ facts, volume: was, brick }) }];
  });
  if (places.some(({ fitness }) => fitness !== 'fit' && fitness !== 'no-volume-id')) return [];
  const bricks = places.flatMap(({ node, at, fitness }) =>
    fitness === 'no-volume-id' && at !== undefined ? [{ node, at }] : [],
  );
  return bricks.length === 0 ? [] : [{ volume: name, bricks }];
}

/** As the first node that has it says; that all say the same is for `volumeProblems`. */
function volumesThen(image: Image): ReadonlyMap<VolumeName, StoreVolume> {
  const all = [...image.stores.values()].flatMap((s) => [...s.volumes]).reverse();
  return new Map([...new Map(all)].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const differs = (image: Image, name: VolumeName, view: View): boolean =>
  view.nodes.some((facts) => {
    const was = image.stores.get(facts.node);
    return was === undefined || contentOf(was, name) !== contentOf(facts.store, name);
  });

const ownerOf = (brick: StoreBrick, image: Image): NodeName | undefined =>
  [...image.stores].find(([, store]) => store.uuid !== undefined && store.uuid === brick.ownerUuid)?.[0];

/**
 * Volumes that serve and must not are stopped and deleted by glusterd's own commands; all others come from
 * the image, together.
 */
function stepsOf(
  image: Image,
  changed: readonly (readonly [VolumeName, StoreVolume])[],
  added: readonly DesiredVolume[],
  view: View,
): readonly Step[] {
  const statusNow = (name: VolumeName): string | undefined => view.volumes.get(name)?.best.status;
  const reason = (name: VolumeName): string =>
    `volume ${name} was not there before transaction ${image.transaction}`;
  const before: Step[] = [];
  for (const { name } of added) {
    const stop =
      statusNow(name) === 'started'
        ? [volumeStop.step({ volume: name }, view, { reason: reason(name), after: [] })]
        : [];
    const after = stop.map((s) => s.id);
    before.push(...stop, volumeDelete.step({ volume: name }, view, { reason: reason(name), after }));
  }
  for (const [name, was] of changed)
    if (was.status !== 'started' && statusNow(name) === 'started')
      before.push(
        volumeStop.step({ volume: name }, view, {
          reason: `it was ${was.status} before transaction ${image.transaction}`,
          after: [],
        }),
      );
  if (changed.length === 0) return before;
  const args = {
    transaction: image.transaction,
    nodes: [...image.stores.keys()],
    volumes: Object.fromEntries(changed.map(([name, was]) => [name, restored(image, name, was)])),
  };
  const after = before.map((s) => s.id);
  const more = { reason: `as the nodes kept it before transaction ${image.transaction}`, after };
  return [...before, volumeRestore.step(args, view, more)];
}

const restored = (image: Image, name: VolumeName, was: StoreVolume): RestoredVolume => ({
  id: was.id,
  content: [...image.stores.values()].map((s) => contentOf(s, name)).find((c) => c !== undefined) ?? '',
  definition: definitionOf(was),
  isStarted: was.status === 'started',
  options: Object.fromEntries(was.options),
  bricks: was.bricks.map((b) => ({
    node: ownerOf(b, image) ?? b.hostname,
    path: b.path,
    file: b.file,
    mountDir: b.mountDir,
  })),
});

/** One diff where all nodes would change alike, else one for each group of nodes. */
function diffsOf(image: Image, name: VolumeName, view: View): readonly SubjectDiff[] {
  const words = (volume: StoreVolume | undefined): string =>
    volume === undefined ? '' : volumeText(observedWords(volume, view));
  const groups = new Map<string, { readonly diff: SubjectDiff; readonly nodes: NodeName[] }>();
  for (const { node, store } of view.nodes) {
    const before = words(store.volumes.get(name));
    const after = words(image.stores.get(node)?.volumes.get(name));
    const key = JSON.stringify([before, after]);
    const group = groups.get(key) ?? { diff: { subject: `volume/${name}`, before, after }, nodes: [] };
    group.nodes.push(node);
    groups.set(key, group);
  }
  const list = [...groups.values()].filter(({ diff }) => diff.before !== diff.after);
  if (groups.size === 1) return list.map(({ diff }) => diff);
  return list.map(({ diff, nodes }) => ({ ...diff, subject: `${diff.subject} on ${nodes.join(', ')}` }));
}

const refused = (title: string, cause: string, fix: string): Failure =>
  failure('precondition-failed', title, { cause, fix });

/**
 * Peers are not put back: a node that came or went meanwhile is not brought back, or thrown out, by files.
 */
function poolProblems(image: Image, view: View): readonly Failure[] {
  const poolWords = (store: Store | undefined): string =>
    [store?.uuid ?? 'no uuid', ...(store?.peers.map((p) => p.uuid ?? p.file) ?? []).sort()].join(' ');
  return view.nodes.flatMap(({ node, store }) => {
    const [was, is] = [poolWords(image.stores.get(node)), poolWords(store)];
    if (was === is) return [];
    return [
      {
        ...refused(
          `${node} was in another pool before transaction ${image.transaction}`,
          `uuid and peers then: ${was}; now: ${is}`,
          'bring the pool to what it was by "glusterctl apply" first',
        ),
        node,
      },
    ];
  });
}

function volumeProblems(image: Image, was: StoreVolume, is: StoreVolume | undefined): readonly Failure[] {
  const { name } = was;
  const copies = [...image.stores].map(([node, store]) => ({
    node,
    content: contentOf(store, name),
    version: store.volumes.get(name)?.version,
  }));
  const found: Failure[] = [];
  if (new Set(copies.map((c) => `${c.content ?? ''} ${String(c.version)}`)).size > 1)
    found.push({
      ...refused(
        `the nodes disagreed about volume ${name} before transaction ${image.transaction}`,
        'such a state is not brought back',
        'restore a later transaction',
      ),
      details: copies.map(({ node, content, version }) =>
        content === undefined
          ? `${node}: not there`
          : `${node}: version ${String(version)}, content ${content}`,
      ),
    });
  const lost = was.bricks.filter((b) => ownerOf(b, image) === undefined);
  if (lost.length > 0)
    found.push(
      refused(
        `no node of the file owns bricks of volume ${name} as it was`,
        lost.map((b) => `${b.hostname}:${b.path}`).join(', '),
        'name the nodes in the cluster file',
      ),
    );
  if (is === undefined) return found;
  if (is.id !== was.id)
    found.push(
      refused(
        `volume ${name} is another one now`,
        `its id was ${was.id}, it is ${is.id}`,
        'delete it first, if it shall go',
      ),
    );
  else if (bricksOf(is) !== bricksOf(was))
    found.push(
      refused(
        `volume ${name} has other bricks than before transaction ${image.transaction}`,
        `then: ${bricksOf(was)}; now: ${bricksOf(is)}; ` +
          'data on a brick that the image does not name would be lost from sight',
        'change the bricks by the cluster file and "glusterctl apply"',
      ),
    );
  const task = is.pendingTask;
  if (task !== undefined)
    found.push(
      refused(
        `a ${task} of volume ${name} is under way`,
        'vols/*/node_state.info',
        'wait for its end, or stop it',
      ),
    );
  return found;
}

/** What is protected since then stays so: letting it go is a run of its own. */
function losesProtection(image: Image, was: StoreVolume, is: StoreVolume | undefined): readonly Failure[] {
  if (is === undefined || !isProtectedBy(is.options) || isProtectedBy(was.options)) return [];
  return [
    refused(
      `volume ${was.name} was not protected before transaction ${image.transaction}`,
      'it is now, and to put it back would let the protection go',
      'take protect: true out of the file and apply that alone first, if the protection shall go',
    ),
  ];
}

const bricksOf = (volume: StoreVolume): string =>
  volume.bricks.map((b) => `${b.hostname}:${b.path}`).join(' ');

/** Options of the whole cluster belong to no volume; they stay as they are, and the report says so. */
function optionsThen(image: Image, view: View): readonly string[] {
  const words = (options: ReadonlyMap<string, string> | undefined): string =>
    [...(options ?? [])]
      .filter(([k]) => k !== 'global-option-version')
      .map(([k, v]) => `${k}=${v}`)
      .sort()
      .join(', ');
  const first = view.nodes[0];
  if (first === undefined) return [];
  const [was, is] = [words(image.stores.get(nodeName(first.node))?.options), words(first.store.options)];
  return was === is
    ? []
    : [`options of the whole cluster are left as they are: ${is || 'none'} (then: ${was || 'none'})`];
}

/**
 * How often one run begins work that outlasts its step. Owns what becomes of it where it does not end well:
 * of a removal of bricks, the bricks stay, and the volume is laid out for them again. Remembers what was
 * foreseen and no node shows.
 */
import { failure } from '../core/failure.ts';
import { type Desired } from '../model/desired.ts';
import type { RunResult } from '../model/event.ts';
import { brickPath, volumeName, type VolumeName } from '../model/names.ts';
import type { StoreVolume } from '../model/observed.ts';
import type { Finding, Plan, Step } from '../model/plan.ts';
import { lastingSteps, triesMax } from '../plan/gate.ts';
import { moversOf, rebalanceParts, stalledOn } from '../view/rebalance.ts';
import { removalOf } from '../view/removal.ts';
import type { View } from '../view/view.ts';
import { ended } from './change.ts';
import { endedBadly, type Waiting } from './long-work.ts';

export interface Tries {
  /** What comes later in this run, by a plan that is about to be carried out. */
  readonly foresee: (plan: Plan) => void;
  /** The file, with the bricks that have to stay. */
  readonly desired: (view: View) => Desired;
  /** `again`: what is to be done now is another thing. Undefined: the plan may be carried out. */
  readonly judge: (plan: Plan, view: View) => RunResult | 'again' | undefined;
  /**
   * Work of this run, or that it has waited for, of which no process is left and a node says that it runs:
   * its glusterd has not heard of the end yet. After some time it is no wait any more, and broke off.
   */
  readonly unended: (view: View, nowMs: number) => readonly string[];
  /** What is said at the end; undefined: all went well. */
  readonly end: () => RunResult | undefined;
}

export function triesOf(desired: Desired, file: Waiting['file']): Tries {
  const begun = new Map<string, number>();
  const kept = new Map<VolumeName, readonly Finding[]>();
  const foreseen = new Set<VolumeName>();
  const watched = new Set<VolumeName>();
  const stalledSince = new Map<VolumeName, number>();
  return {
    foresee({ later = [] }) {
      for (const step of later) if (step.action === 'volume-rebalance') foreseen.add(volumeOf(step));
    },
    desired: (view) => withForeseen(kept.size === 0 ? desired : withBricks(desired, kept, view), foreseen),
    judge(plan, view) {
      const lasting = lastingSteps(plan);
      const over = lasting.filter((s) => (begun.get(s.id) ?? 0) >= (brokeOff(s, view) ? 1 : triesMax(s)));
      const given = over.filter((step) => removalIn(step, view) !== undefined);
      for (const step of given) {
        const said = plan.findings.filter((f) => f.subject === step.subject);
        kept.set(volumeOf(step), said);
      }
      if (given.length > 0) return 'again';
      if (over.length > 0) return endedBadly(over, plan, { desired, file });
      for (const step of lasting) {
        begun.set(step.id, (begun.get(step.id) ?? 0) + 1);
        watched.add(volumeOf(step));
      }
      return undefined;
    },
    unended(view, nowMs) {
      return desired.volumes.flatMap(({ name }) => {
        const best = view.volumes.get(name)?.best;
        if (best === undefined) return [];
        if (moversOf(name, view).length > 0) watched.add(name);
        if (!watched.has(name) || !isStalled(best, view)) {
          stalledSince.delete(name);
          return [];
        }
        const since = stalledSince.get(name) ?? nowMs;
        stalledSince.set(name, since);
        return nowMs - since > UNENDED_MAX_MS
          ? []
          : [`files of volume ${name}: the end is not on all nodes yet`];
      });
    },
    end: () => (kept.size === 0 ? undefined : notMoved(kept, file)),
  };
}

/** glusterd writes the end down when it hears of it, after the process has gone. */
const UNENDED_MAX_MS = 30_000;
/** Longer than that lasts, whatever the person waits for. */
export const UNENDED_WAIT_MS = 2 * UNENDED_MAX_MS;

const isStalled = (volume: StoreVolume, view: View): boolean =>
  stalledOn(volume, view).length > 0 || removalOf(volume, view)?.state === 'stalled';

const volumeOf = ({ subject }: Step): VolumeName => volumeName(subject.replace(/^volume\//, ''));

/** A rebalance that somebody stopped, or killed, is not begun again by the same run. */
function brokeOff(step: Step, view: View): boolean {
  if (step.action !== 'volume-rebalance') return false;
  const volume = view.volumes.get(volumeOf(step))?.best;
  return volume !== undefined && rebalanceParts(volume, view).some(({ task }) => task.status !== 'completed');
}

/** The step begins a removal again that has not ended well. */
const removalIn = (step: Step, view: View): unknown => {
  const volume = view.volumes.get(volumeOf(step))?.best;
  return volume === undefined ? undefined : removalOf(volume, view);
};

const withForeseen = (desired: Desired, foreseen: ReadonlySet<VolumeName>): Desired => ({
  ...desired,
  volumes: desired.volumes.map((v) => (foreseen.has(v.name) ? { ...v, isRebalanceForeseen: true } : v)),
});

const withBricks = (desired: Desired, kept: ReadonlyMap<VolumeName, unknown>, view: View): Desired => ({
  ...desired,
  volumes: desired.volumes.map((wanted) => {
    const live = kept.has(wanted.name) ? view.volumes.get(wanted.name)?.best : undefined;
    const bricks = live?.bricks.flatMap((b) => {
      const node = view.ownerOf(b);
      return node === undefined ? [] : [{ node, path: brickPath(b.path) }];
    });
    return bricks === undefined ? wanted : { ...wanted, bricks };
  }),
});

const notMoved = (kept: ReadonlyMap<VolumeName, readonly Finding[]>, file: string): RunResult =>
  ended(
    'rolled-back',
    [...kept].map(([name, findings]) =>
      failure('post-validate-failed', `not all files could be moved: the bricks of volume ${name} stay`, {
        cause: 'the removal was begun as often as one run does; files that were moved stay where they are',
        details: findings.flatMap((f) => [f.message, ...f.evidence]),
        fix:
          `grep "migrate-data failed" /var/log/glusterfs/${name}-rebalance.log on these nodes; ` +
          `repair the cause, and glusterctl apply ${file} begins again`,
      }),
    ),
  );

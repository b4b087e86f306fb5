/**
 * What keeps an existing volume from being changed to what the file says, as findings: a brick in another
 * set, an arbiter in another place, a layout or transport that cannot be had. Owns those words.
 */
import { count } from '../core/text.ts';
import type { DesiredVolume } from '../model/desired.ts';
import { layoutWords, unsayable } from '../model/layout.ts';
import type { StoreVolume } from '../model/observed.ts';
import type { Finding } from '../model/plan.ts';
import type { View } from '../view/view.ts';
import {
  type BrickChange,
  compareBricks,
  type BrickComparison,
  type BrickRefusal,
} from './compare-bricks.ts';

export interface Differences {
  /** Nothing of the volume is changed while there is one. */
  readonly refusals: readonly Finding[];
  readonly notices: readonly Finding[];
  /** What steps have to make of its bricks. */
  readonly changes: readonly BrickChange[];
  /** The bricks as glusterd orders them after that. */
  readonly after: readonly string[];
}

type Said = Omit<Finding, 'severity' | 'subject' | 'nodes'>;

const MIGRATION =
  'make the file say what is there, or migrate the data to a new volume; ' +
  'glusterctl does not change this yet';

/** The bricks of a volume by the nodes that own them, in the order that glusterd has. */
export const liveBricks = ({ bricks }: StoreVolume, view: View): readonly string[] =>
  bricks.map((b) => `${view.ownerOf(b) ?? b.hostname}:${b.path}`);

export const bricksInFile = ({ bricks }: DesiredVolume): readonly string[] =>
  bricks.map((b) => `${b.node}:${b.path}`);

export function differences(wanted: DesiredVolume, current: StoreVolume, view: View): Differences {
  const finding = (severity: Finding['severity'], { message, ...said }: Said): Finding => ({
    ...said,
    severity,
    subject: `volume/${wanted.name}`,
    nodes: [],
    message: `volume ${wanted.name} ${message}`,
  });
  const live = liveBricks(current, view);
  const file = bricksInFile(wanted);
  const [want, have] = [layoutWords(wanted.layout), layoutWords(current.layout)];
  const transport: readonly Said[] =
    wanted.transport === current.transport
      ? []
      : [
          {
            code: 'volume-transport-differs',
            message: 'has another transport than the file says',
            evidence: [`file: ${wanted.transport}`, `cluster: ${current.transport}`],
            remedy: MIGRATION,
          },
        ];
  const unsaid = unsayable(current.layout);
  if (unsaid !== undefined) {
    const alone: Said = {
      code: 'volume-layout-differs',
      message: 'has another layout than the file says',
      evidence: [`file: ${want}`, `cluster: ${have}`],
      remedy: `leave the volume out of the file, which cannot say its layout: ${unsaid}`,
    };
    const refusals = [alone, ...transport].map((said) => finding('error', said));
    return { refusals, notices: [], changes: [], after: live };
  }
  const compared = compareBricks(
    { layout: current.layout, bricks: live },
    { layout: wanted.layout, bricks: file },
  );
  const refusals = [...refusalsOf(compared, live), ...transport];
  const isOnlyOrder = compared.changes.length === 0 && compared.isReordered;
  return {
    refusals: refusals.map((said) => finding('error', said)),
    notices: isOnlyOrder ? [finding('info', reordered(file, live))] : [],
    changes: compared.changes,
    after: compared.after,
  };
}

const reordered = (file: readonly string[], live: readonly string[]): Said => ({
  code: 'brick-order-differs',
  message: 'has its bricks in another order than the file says; the sets are the same',
  evidence: [`file: ${file.join(' ')}`, `cluster: ${live.join(' ')}`],
  remedy: 'nothing to do: glusterd cannot order bricks, and nothing depends on it',
});

/** What no command of glusterd can do. */
function refusalsOf({ refusals }: BrickComparison, live: readonly string[]): readonly Said[] {
  const regrouped = refusals.flatMap((r) => (r.kind === 'bricksRegrouped' ? [r] : []));
  return [
    ...(regrouped.length === 0 ? [] : [regroupedWords(regrouped, live)]),
    ...refusals.flatMap((r): readonly Said[] =>
      r.kind === 'arbiterMoved' ? [arbiterWords(r)] : r.kind === 'impossible' ? [impossibleWords(r)] : [],
    ),
  ];
}

const SETS_SHOWN_MAX = 10;

const regroupedWords = (
  regrouped: readonly Extract<BrickRefusal, { kind: 'bricksRegrouped' }>[],
  live: readonly string[],
): Said => ({
  code: 'bricks-regrouped',
  message: `has ${count(regrouped.length, 'brick')} in another set than the file says`,
  evidence: regrouped
    .slice(0, SETS_SHOWN_MAX)
    .flatMap((r) => [
      `${r.brick}: in the cluster with ${others(r.live, r.brick)}`,
      `${r.brick}: in the file with ${others(r.wanted, r.brick)}`,
    ]),
  remedy: `leave each brick in its set; the cluster has: ${live.join(' ')}`,
});

const others = (set: readonly string[], brick: string): string =>
  set.length === 1 ? 'no other' : set.filter((b) => b !== brick).join(', ');

function arbiterWords({ set, was, is }: Extract<BrickRefusal, { kind: 'arbiterMoved' }>): Said {
  const place = `set ${String(set)}`;
  const remedy =
    was === undefined
      ? `write a new brick last in ${place}: it becomes the arbiter`
      : is === undefined
        ? `take ${was} out of ${place}: an arbiter holds no files, and leaves first`
        : `write ${was} last in ${place}, or a new brick in its place`;
  return {
    code: 'arbiter-moved',
    message: `has another arbiter in ${place} than the file says`,
    evidence: [`file: ${is ?? 'no arbiter'}`, `cluster: ${was ?? 'no arbiter'}`],
    remedy,
  };
}

function impossibleWords({ from, to, why, edits }: Extract<BrickRefusal, { kind: 'impossible' }>): Said {
  const [first, ...then] = edits;
  return {
    code: 'layout-not-convertible',
    message: `cannot be made ${layoutWords(to)}${first === undefined ? '' : ' in one step'}: ${why}`,
    evidence: [`file: ${layoutWords(to)}`, `cluster: ${layoutWords(from)}`],
    remedy:
      first === undefined
        ? 'make a new volume under another name, and copy the files'
        : `apply one edit of the file after the other: ${[first, ...then].join('; ')}`,
  };
}

/**
 * docs/fault-matrix.md from what was measured: counts, outcomes, durations, shortfalls. Says nothing that was
 * not run.
 */
import { ALL, CASES, CHANGES, FAULTS, NOT_MADE, PHASES, skipped } from './cases.ts';
import type { Played } from './play.ts';

export interface Measured {
  readonly played: readonly Played[];
  /** Seconds until the lock of a controller that hangs was free, one for each try. */
  readonly hung: readonly number[];
}

const percent = (n: number, of: number): string => `${((100 * n) / of).toFixed(0)} %`;
const seconds = (n: number): string => `${n.toFixed(1)} s`;
const sorted = (numbers: readonly number[]): readonly number[] => [...numbers].sort((a, b) => a - b);
const median = (numbers: readonly number[]): number => sorted(numbers)[Math.floor(numbers.length / 2)] ?? 0;

const spread = (numbers: readonly number[]): string =>
  numbers.length === 0
    ? '0 | | '
    : `${String(numbers.length)} | ${seconds(median(numbers))} | ${seconds(Math.max(...numbers))}`;

const isGreen = (p: Played): boolean => p.short.length === 0;

const cell = (some: readonly Played[]): string =>
  some.length === 0 ? '' : `${String(some.filter(isGreen).length)}/${String(some.length)}`;

function table(
  head: string,
  rows: readonly string[],
  columns: readonly string[],
  of: (row: string, column: string) => readonly Played[],
): string {
  return [
    `| ${head} | ${columns.join(' | ')} |`,
    `|---|${columns.map(() => '---|').join('')}`,
    ...rows.map((row) => `| ${row} | ${columns.map((column) => cell(of(row, column))).join(' | ')} |`),
  ].join('\n');
}

function tally(values: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([value, n]) => `| ${value} | ${String(n)} |`);
}

const outcome = (p: Played): string => {
  if (p.landed === 'never') return 'not played to the end | ';
  const exit = p.exit === null ? 'killed' : `exit ${String(p.exit)}`;
  return `${exit}${p.recovered ? ', then recover' : ''} | ${p.stands}`;
};

export function matrixDocument({ played, hung }: Measured, date: string): string {
  const green = played.filter(isGreen).length;
  const killed = played.flatMap((p) => (p.lock === undefined ? [] : [p.lock]));
  const by = (kind: string): readonly number[] =>
    played.flatMap((p) => (p.rollback?.by === kind ? [p.rollback.seconds] : []));
  const landed = played.filter((p) => p.landed === p.phase).length;
  const gaps = played.map((p) => p.longestGapMs / 1000);
  const short = String(played.length - green);
  const few = played.length < 200 ? ' That is fewer than the 200 that were meant.' : '';
  const sum = `${String(green)} green, ${short} short.${few}`;
  const share = percent(landed, Math.max(1, played.length));
  const inPhase = (row: string, column: string): readonly Played[] =>
    played.filter((p) => p.phase === row && p.fault === column);
  return `# Fault matrix

Written by \`npm run matrix\`, from cases run on real GlusterFS hosts on ${date}. Every number here was
measured.

${String(played.length)} of ${String(CASES.length)} cases were run: ${sum}
A case that fell short and was run again after a fix counts by its last run. Green ones were
not run again for it.

A case is an action, a phase of its transaction, the role of a node, and a fault. There are four nodes,
and a client outside the pool that appends to a replica 3 volume and syncs about ten times a second. The
fault comes when \`glusterctl\` reports that the phase (in the commit: the step) begins. It goes when the
phase is over, when a rollback begins or when the run has ended, depending on the fault, after some
seconds at the latest.

Green means: every store exactly as before or exactly as after (apart from the counter \`version\`), as
the exit code said; no lock and nothing else of ours left on a node; \`doctor\` exits 0; no error at the
client; every brick of the volume that no case changes is the same process on the same port, unless the
fault itself ends it. Where the controller was killed or the exit code was 6, one \`recover\` comes before
this check. Where a repair did not succeed, the same command is given once more and must.

Some faults reach beyond the run. \`node-lost\`: power is cut once the step is committed, and comes back when
the run has ended; what was rolled back must not come back with it, and no brick of the others may end.
\`journal-lost\`: the controller is killed, and a node loses /var/lib/glusterctl. \`killed-in-restart\`: the
controller is killed when its rollback has stopped a glusterd, and every glusterd must run again by itself.
\`…-by-hand\`: the controller is killed, an administrator changes the same volume, and that must stand after
the recovery; where that asks (exit code 8), it is given once more with \`--finish\`, and where it still asks,
with \`--abandon\`. Then the change by hand is undone, and the rest compared. \`terminal-closed\`: two SIGHUPs
together, and nobody reads the output.

The volume that is changed lies on two nodes. The coordinator gives the \`gluster\` commands and has no
brick of it, nor has the bystander. The brick owner is the node whose brick, glusterd or store is meant,
or the node that joins the pool. The other member has the second brick.

## By action and fault

Green of those run. An empty place was not run.

${table(
  'action',
  CHANGES.map((c) => c.name),
  FAULTS,
  (row, column) => played.filter((p) => p.change === row && p.fault === column),
)}

${table('phase', PHASES, FAULTS, inPhase)}

In ${String(landed)} of ${String(played.length)} cases (${share}) the fault was complete within the phase
it was meant for. The short phases, lock and unlock most of all, are often over sooner.

## Outcomes

| outcome | stands | cases |
|---|---|---|
${tally(played.map(outcome)).join('\n')}

## Durations

| | cases | median | longest |
|---|---|---|---|
| rollback by inverses | ${spread(by('inverses'))} |
| rollback by before-image | ${spread(by('before-image'))} |
| rollback with nothing to undo | ${spread(by('nothing to undo'))} |
| lock of a killed controller is free | ${spread(killed)} |
| lock of a controller that hangs is free | ${spread(hung)} |
| longest gap between two writes of the client, by case | ${spread(gaps)} |
| a case from beginning to end | ${spread(played.map((p) => p.seconds))} |

A rollback is timed from its first event to its last, waiting for lost nodes and for daemons included.
Rollbacks that ended as \`owed\` are not among them.

## What fell short

${
  played.every(isGreen)
    ? 'Nothing.'
    : played
        .filter((p) => !isGreen(p))
        .map(shortfall)
        .join('\n')
}

## What is left out

${String(ALL.length)} combinations were counted. ${String(ALL.length - CASES.length)} make no sense, by these
rules:

| rule | combinations |
|---|---|
${[...skipped()].map(([rule, n]) => `| ${rule} | ${String(n)} |`).join('\n')}

Actions without cases of their own:

| action | why |
|---|---|
${NOT_MADE.map(([name, why]) => `| \`${name}\` | ${why} |`).join('\n')}

## Run it

\`\`\`sh
npm run matrix -- --list                       # the names of all cases
npm run matrix -- --only volume-stop/commit    # those whose name contains this
npm run matrix -- --faults node-lost,journal-lost
npm run matrix -- --sample 200 --seed 1 --minutes 30 --labs 2
\`\`\`

\`--results FILE\` adds each case to a file as it ends. \`--resume\` reads that file first and runs what
is not green in it; the last run of a case counts.
`;
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').replaceAll('`', "'").slice(0, 400);

const shortfall = (p: Played): string =>
  `- \`${p.name}\` (exit ${String(p.exit)}): ${p.short.slice(0, 3).map(oneLine).join('; ')}`;

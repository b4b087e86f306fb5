/**
 * The result in words: a table for the terminal, and docs/benchmarks.md. Says on which machine and with which
 * versions.
 */
import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
import manifest from '../../package.json' with { type: 'json' };
import { median } from './contest.ts';
import type { Sample } from './contest.ts';
import type { Outcome, Verdict } from './setup.ts';

const GIB = 1024 ** 3;

const milliseconds = (value: number): string => value.toFixed(0);

const verdictCells = (v: Verdict): string[] => [
  String(v.row),
  v.what,
  v.target,
  v.measured,
  v.met ? 'yes' : 'no',
];
const sampleCells = ({ name, ms }: Sample): string[] => [
  name,
  String(ms.length),
  ...[median(ms), Math.min(...ms), Math.max(...ms)].map(milliseconds),
];

const VERDICTS = ['row', 'what', 'target', 'measured', 'met'];
const SAMPLES = ['contender', 'rounds', 'median ms', 'lowest', 'highest'];

function aligned(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((cells) => cells[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return `${all.map(line).join('\n')}\n`;
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return `${[head, head.map(() => '---'), ...rows].map(line).join('\n')}\n`;
}

export const forTerminal = ({ verdicts, samples }: Outcome): string =>
  `\n${aligned(VERDICTS, verdicts.map(verdictCells))}\n${aligned(SAMPLES, samples.map(sampleCells))}`;

/** `load`: of other work on the machine, before the first row. */
export const forDocs = ({ verdicts, samples }: Outcome, date: Date, load: number): string => `# Benchmarks

Written by \`npm run bench -- --write\` on ${date.toISOString().slice(0, 10)}. All contenders of a row ran on
the same hosts in the same run, taking turns, each round another one first, after a warm-up round that does
not count. What counts is the ratio of the medians; in parentheses the lowest and the highest ratio of a
single round. Times are of this machine and say little elsewhere.

${markdown(VERDICTS, verdicts.map(verdictCells))}
## Times behind the ratios

${markdown(SAMPLES, samples.map(sampleCells))}
## How it was measured

- Hosts are nodes of the project's own lab: each has its own systemd, sshd and glusterd of the distribution,
  on one machine. The nodes' work, the controller's work and all other work share its processors. There is no
  network delay to speak of, which favours whoever makes more round trips.
- Row 1 is counted by the nodes: sshd, at log level VERBOSE, notes each login and each session with its
  command.
- Every contender logs in again in each round, and checks host keys. ansible-playbook is asked in its fewest
  module runs (one for the pool, one a volume in a loop, \`run_once\`), with pipelining, ControlPersist within
  the run, no fact gathering and the interpreter given. Its \`--check\` is no competitor: the collection's
  modules do not support it and skip their check.
- ansible-playbook reads one node, as glusterd sees it. \`glusterctl plan\` reads the stores, daemons and
  bricks of all three, and compares them.
- ansible-playbook and the shell loop run one command after the other, and check nothing afterwards.
  \`glusterctl apply\` takes locks on all nodes, writes before-images, runs different volumes in parallel
  as far as glusterd lets it, and ends when all bricks are seen online.
- In row 4 each ssh client runs the very script that \`plan\` runs on that node, and its answer goes into a
  file, unread.

## Machine and versions

${machine(load)
  .map((line) => `- ${line}\n`)
  .join('')}`;

function machine(load: number): string[] {
  const [first] = cpus();
  const memory = Math.round(totalmem() / GIB);
  const processor = first?.model.trim() ?? 'unknown processor';
  const collection = firstLine('dpkg-query', ['-W', '-f', '${Version}', 'ansible']);
  return [
    [`${String(cpus().length)} × ${processor}`, `${String(memory)} GiB`, `Linux ${release()}`].join(', '),
    `load average before the first row, from other work on the machine: ${load.toFixed(1)}`,
    `glusterctl ${manifest.version}, Node.js ${process.version}`,
    firstLine('glusterd', ['--version']),
    firstLine('ssh', ['-V']),
    firstLine('ansible-playbook', ['--version']),
    `gluster.gluster collection of the Debian package ansible ${collection}`,
  ];
}

/** Of either stream: some programs print their version on standard error. */
function firstLine(program: string, args: readonly string[]): string {
  try {
    const said = execFileSync('sh', ['-c', 'exec "$@" 2>&1', 'sh', program, ...args], { encoding: 'utf8' });
    return said.split('\n')[0]?.trim() ?? '';
  } catch {
    return `${program}: not installed`;
  }
}

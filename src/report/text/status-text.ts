/**
 * Nodes, volumes and bricks at a glance, in 80 columns; what is wrong is coloured. Refuses explanations,
 * which are doctor's.
 */
import { PENDING_HEALS_MAX } from '../../model/observed.ts';
import { printable } from '../printable.ts';
import { palette, plain, type Paint, type Palette } from './sgr.ts';
import type {
  BrickStatus,
  ClusterStatus,
  NodeStatus,
  TaskStatus,
  VolumeStatusLine,
} from '../../model/status.ts';
import { table, type Cell } from './table.ts';
import { bytesWords, count } from '../../core/text.ts';
import { tally } from './words.ts';

const COLUMNS = 80;
const INDENT = '  ';

export function statusText(status: ClusterStatus, { colour }: { readonly colour: boolean }): string {
  const p = palette(colour);
  const blocks = [
    [p.bold(`Cluster ${printable(status.cluster)}`)],
    nodeTable(status.nodes, p),
    ...status.volumes.map((volume) => volumeLines(volume, p)),
    ...(status.volumes.length === 0 ? [['No volumes.']] : []),
    [lastLine(status, p)],
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function lastLine(status: ClusterStatus, p: Palette): string {
  const unread = status.unread.map((f) => printable(f.node ?? '')).join(', ');
  if (status.findings.length === 0 && unread !== '')
    return p.yellow(`Not read, so not judged: ${unread}. Nothing is wrong on the nodes that were read.`);
  if (status.findings.length === 0) return p.green('Nothing is wrong that glusterctl can see.');
  const serious = status.findings.some((f) => f.severity !== 'info');
  const sum = (serious ? p.yellow : plain)(tally(status.findings));
  return `${sum}. Why, and what to do: glusterctl doctor FILE`;
}

const heading = (p: Palette, ...names: readonly string[]): Cell[] =>
  names.map((text) => ({ text, paint: p.dim }));

function nodeTable(nodes: readonly NodeStatus[], p: Palette): string[] {
  const paints: Record<NodeStatus['state'], Paint> = {
    ok: p.green,
    warning: p.yellow,
    error: p.red,
    unreachable: p.red,
    drained: p.yellow,
    'left-out': p.yellow,
  };
  const rows = nodes.map((node): Cell[] => [
    { text: node.name, paint: p.bold },
    { text: node.address },
    { text: node.state, paint: paints[node.state] },
    { text: node.version ?? '-' },
    { text: node.glusterd, paint: node.glusterd === 'up' ? plain : p.red },
    { text: node.peers.replace(' connected, ', ', ') },
    findingsCell(node.findings, p),
  ]);
  const head = heading(p, 'NODE', 'ADDRESS', 'STATE', 'VERSION', 'GLUSTERD', 'PEERS', 'FINDINGS');
  return indented(table([head, ...rows], COLUMNS - INDENT.length), INDENT);
}

function volumeLines(volume: VolumeStatusLine, p: Palette): string[] {
  const state = (volume.state === 'started' ? p.green : p.yellow)(printable(volume.state));
  const rest = [
    printable(volume.layout),
    ...(volume.size === undefined ? [] : [printable(volume.size)]),
    onlineWords(volume.bricks, p),
    ...(volume.findings > 0 ? [p.yellow(count(volume.findings, 'finding'))] : []),
    ...(volume.managed ? [] : [p.dim('not in the file')]),
  ];
  const title = `${INDENT}${p.bold(printable(volume.name))}  ${state}, ${rest.join(', ')}`;
  if (volume.bricks.length === 0) return [title];
  const task = volume.task === undefined ? [] : taskLines(volume.task, p);
  const head = heading(p, 'BRICK', 'ONLINE', 'PORT', 'PID', 'HEALS');
  const rows = volume.bricks.map((brick) => brickRow(brick, volume.state === 'started', p));
  return [
    title,
    ...indented([...task, ...table([head, ...rows], COLUMNS - INDENT.length * 2)], INDENT.repeat(2)),
  ];
}

/** One that ended well needs no line. */
function taskLines({ kind, state, nodes }: TaskStatus, p: Palette): string[] {
  const failed = nodes.reduce((sum, n) => sum + n.failures, 0);
  if (state === 'completed' && failed === 0) return [];
  const moved = nodes
    .filter((n) => n.files + n.failures > 0)
    .map((n) => `${printable(n.node)} ${count(n.files, 'file')}, ${bytesWords(n.bytes)}`);
  const words = [
    `${kind} ${state}`,
    ...(moved.length === 0 ? [] : [`moved so far: ${moved.join('; ')}`]),
    ...(failed === 0 ? [] : [`${String(failed)} failed`]),
  ];
  return [(state === 'running' ? p.bold : p.yellow)(words.join(', '))];
}

function onlineWords(bricks: readonly BrickStatus[], p: Palette): string {
  if (bricks.length === 0) return 'no bricks known';
  const online = bricks.filter((brick) => brick.online === true).length;
  const words = `${String(online)} of ${count(bricks.length, 'brick')} online`;
  return online === bricks.length ? words : p.yellow(words);
}

function brickRow(brick: BrickStatus, shouldRun: boolean, p: Palette): Cell[] {
  const off = shouldRun ? p.red : plain;
  return [
    { text: `${brick.node}:${brick.path}` },
    brick.online === null
      ? { text: 'unknown', paint: p.yellow }
      : brick.online
        ? { text: 'yes', paint: p.green }
        : { text: 'no', paint: off },
    { text: brick.port === null || brick.port === 0 ? '-' : String(brick.port) },
    { text: brick.pid === null ? '-' : String(brick.pid) },
    { text: heals(brick.pendingHeals), paint: brick.pendingHeals === 0 ? plain : p.yellow },
  ];
}

/** The nodes stop counting at a bound. */
const heals = (n: number | null): string =>
  n === null ? '?' : n >= PENDING_HEALS_MAX ? `${String(n)}+` : String(n);

const findingsCell = (n: number, p: Palette): Cell => ({
  text: n === 0 ? '-' : String(n),
  paint: n === 0 ? p.dim : p.yellow,
});

const indented = (lines: readonly string[], indent: string): string[] => lines.map((line) => indent + line);

/**
 * The manual steps after an incomplete rollback: node by node, with commands that can be pasted as they are
 * and kill no brick. Owns those words, and which of them a node needs.
 */
import { actionNamed } from '../../actions/index.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { lines, type Script } from '../../core/shell.ts';
import type { RunResult } from '../../model/event.ts';
import type { NodeName } from '../../model/names.ts';
import type { Before } from '../journal.ts';
import {
  afterOthers,
  blockLines,
  closeByHand,
  endByHand,
  type ProcessByHand,
  startByHand,
  storeByHand,
} from './by-hand.ts';
import type { Residue } from './residue.ts';

/** `then`: what a person does after the repair. */
export const incompleteFailure = (residue: readonly Residue[], then: string): Failure =>
  failure('rollback-incomplete', 'the rollback is incomplete', {
    details: residue.map((r) => r.what),
    fix: `repair what is named, ${then}`,
  });

/** What is to be done on one node. */
interface Work {
  readonly node: NodeName;
  readonly what: readonly string[];
  readonly volumes: readonly string[];
  readonly processes: readonly ProcessByHand[];
  readonly isDown: boolean;
  readonly steps: readonly Script[];
}

export function manualSteps(residue: readonly Residue[], before: Before): RunResult['owed'] {
  const steps = stepsLeft(residue, before);
  const nodes = new Set([...residue.map((r) => r.node), ...steps.flatMap((s) => s.node ?? [])]);
  const works = [...new Set([...nodes, ...before.stores.keys()])].map((node): Work => {
    const own = residue.filter((r) => r.node === node);
    const mine = steps.filter((s) => s.node === node);
    const ofPool = own.some((r) => r.isPeers) ? steps.filter((s) => s.node === undefined) : [];
    return {
      node,
      what: [...new Set([...own, ...mine].map((r) => r.what))],
      volumes: [...new Set(own.flatMap((r) => r.volume ?? []))],
      processes: own.flatMap((r) => r.process ?? []),
      isDown: own.some((r) => r.isDown),
      steps: [...mine, ...ofPool].map((s) => s.script),
    };
  });
  const isByHand = works.some((work) => blocksOf(work, works).length > 0);
  return works
    .filter(({ node }) => isByHand || nodes.has(node))
    .map((work) => ({
      node: work.node,
      what: work.what.length === 0 ? 'its journal is still open' : work.what.join('; '),
      commands: commandsOf(work, works, before.transaction),
    }));
}

interface StepLeft {
  /** Absent: any member of the pool. */
  readonly node?: NodeName | undefined;
  readonly what: string;
  readonly script: Script;
}

/** Inverses that a person can do as well: of volumes that are not as before, and of peers. */
function stepsLeft(residue: readonly Residue[], { journal }: Before): readonly StepLeft[] {
  const isLeft = (volumes: readonly string[]): boolean =>
    volumes.length === 0
      ? residue.some((r) => r.isPeers)
      : residue.some((r) => r.volume !== undefined && volumes.includes(r.volume));
  return journal.plan.steps
    .filter((step) => isLeft(actionNamed(step.action).volumes(step.args)))
    .flatMap((step) => journal.inverses[step.id] ?? [])
    .flatMap(({ action: name, args }) => {
      const action = actionNamed(name);
      const byHand = action.byHand?.(args);
      return byHand === undefined ? [] : [{ ...byHand, what: action.summary(args) }];
    });
}

/** A block of commands, and when its time has come. */
type Block = readonly [when: string | undefined, script: Script];

function blocksOf({ node, volumes, processes, isDown, steps }: Work, all: readonly Work[]): readonly Block[] {
  const blocks: Block[] = [];
  const isStopped = volumes.length > 0;
  const others = all.filter((w) => w.node !== node && w.volumes.length > 0).map((w) => w.node);
  if (isStopped) blocks.push([undefined, storeByHand(volumes, processes)]);
  else if (processes.length > 0) blocks.push([undefined, endByHand(processes)]);
  // One that still runs would give its version of the volume to one that starts.
  const isTogether = isStopped && others.length > 0;
  if (isStopped || isDown)
    blocks.push(
      isTogether
        ? [`when this was done on ${others.join(', ')} too`, lines(afterOthers(others), startByHand())]
        : [undefined, startByHand()],
    );
  if (steps.length > 0) blocks.push(['when glusterd runs on every node again', lines(...steps)]);
  return blocks;
}

/** In the order in which they are to be run; lines that are no commands are comments. */
function commandsOf(work: Work, all: readonly Work[], transaction: string): readonly string[] {
  const blocks = blocksOf(work, all);
  const first = '# "glusterctl recover FILE" does what is left';
  if (blocks.length === 0 && work.what.length > 0) return [first];
  const numbered: readonly Block[] = [...blocks, ['when all nodes are as they were', closeByHand]];
  return [
    `${first}; by hand, in sh as root on ${work.node}:`,
    ...numbered.flatMap(([when, script], i) => [
      ...(when === undefined ? [] : [`# ${when}:`]),
      ...blockLines(transaction, i + 1, script),
    ]),
  ];
}

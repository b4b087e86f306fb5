/**
 * The story of the demo, step by step, on any stage. A check follows every claim; the first that does not
 * hold ends the story.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODES, type Stage } from './stage.ts';

/** The story does not hold: a bug, here or in the program. */
export class StoryBroken extends Error {
  override readonly name = 'StoryBroken';
}

export type Print = (line: string) => void;

export async function playStory(stage: Stage, print: Print): Promise<void> {
  const narrator = narratorOf(stage, print);
  const file = join(stage.dir, 'cluster.yaml');
  print(`The stage: ${stage.about}.`);
  await whatGlusterDoes(stage, narrator);
  await fromFileToCluster(stage, narrator, file);
  await deleteThatFails(stage, narrator, file);
  await brickThatDies(stage, narrator, file);
  narrator.chapter('Yours');
  for (const line of stage.farewell) print(line);
}

interface Narrator {
  readonly chapter: (title: string) => void;
  readonly say: (...lines: readonly string[]) => void;
  /** Shows the command line, runs it, and checks its exit code. */
  readonly glusterctl: (expected: number, ...args: readonly string[]) => Promise<void>;
  readonly gluster: (node: string, words: string, expected: 'works' | 'fails') => Promise<void>;
  readonly check: (claim: string, holds: boolean) => void;
}

function narratorOf(stage: Stage, print: Print): Narrator {
  let chapters = 0;
  const say = (...lines: readonly string[]): void => {
    print('');
    for (const line of lines) print(line);
  };
  const check = (claim: string, holds: boolean): void => {
    if (!holds) throw new StoryBroken(`this does not hold: ${claim}`);
    print(`[ok] ${claim}`);
  };
  return {
    say,
    check,
    chapter(title) {
      chapters += 1;
      say(`== ${String(chapters)}. ${title}`);
    },
    async glusterctl(expected, ...args) {
      say(`$ ${stage.program} ${args.join(' ')}`);
      const code = await stage.glusterctl(args);
      check(`exit code ${String(expected)}`, code === expected);
    },
    async gluster(node, words, expected) {
      say(`${node}# gluster ${words}`);
      const { code, output } = await stage.gluster(node, words);
      if (output.trim() !== '') print(output.trimEnd());
      if ((code === 0) !== (expected === 'works'))
        throw new StoryBroken(`"gluster ${words}" on ${node} ended with ${String(code)}`);
    },
  };
}

const VOLUME_DIR = '/var/lib/glusterd/vols/scratch';
const BRICKS = NODES.map((node) => `${node}:/bricks/d1/scratch`);

async function whatGlusterDoes(stage: Stage, narrator: Narrator): Promise<void> {
  const { chapter, say, gluster, glusterctl, check } = narrator;
  chapter('What GlusterFS does when a delete fails half way');
  say(
    'A pool of three and a volume. On node02 its directory in the store becomes immutable, ' +
      'as a bad disk would have it.',
    'Then the volume is deleted, without glusterctl.',
  );
  await stage.formPool();
  await gluster('node01', `--mode=script volume create scratch ${BRICKS.join(' ')}`, 'works');
  await stage.jam('node02', VOLUME_DIR);
  await gluster('node01', '--mode=script volume delete scratch', 'fails');
  await stage.unjam('node02', VOLUME_DIR);
  check('node01 and node03 have forgotten the volume, node02 has not', (await holders(stage)) === 'node02');
  say('The disk is well again, but the volume can be neither deleted, nor created, nor started:');
  await gluster('node02', '--mode=script volume delete scratch', 'fails');
  await gluster('node01', `--mode=script volume create scratch ${BRICKS.join(' ')}`, 'fails');
  await gluster('node02', '--mode=script volume start scratch', 'fails');
  say('glusterd undoes nothing when a commit fails on one node. glusterctl sees it, and repairs it:');
  const file = join(stage.dir, 'rescue.yaml');
  writeFileSync(
    file,
    `${stage.head}\nvolumes:\n  scratch: { state: stopped, bricks: [${BRICKS.join(', ')}] }\n`,
  );
  await glusterctl(2, 'doctor', file);
  await glusterctl(0, 'recover', file, '--yes');
  check('all three nodes have the volume again', (await holders(stage)) === NODES.join());
  say('Now it can be deleted:');
  await gluster('node01', '--mode=script volume delete scratch', 'works');
  check('and is gone everywhere', (await holders(stage)) === '');
  await stage.reset();
  say('(All nodes are emptied for what follows.)');
}

/** The nodes that have volume scratch in their store. */
async function holders(stage: Stage): Promise<string> {
  const lists = await Promise.all(NODES.map((node) => stage.volumesOn(node)));
  return NODES.filter((_, i) => lists[i]?.includes('scratch') === true).join();
}

async function fromFileToCluster(
  stage: Stage,
  { chapter, say, glusterctl }: Narrator,
  file: string,
): Promise<void> {
  chapter('From a file to a cluster');
  const volumes = volumesOf('replica3', stage) + volumesOf('distribute', stage).replace(/^volumes:\n/m, '');
  writeFileSync(file, `${stage.head}\n${volumes}`);
  say(`${file} holds the volumes of playbooks/replica3.yaml and playbooks/distribute.yaml:`);
  say(readFileSync(file, 'utf8').trimEnd());
  say('What would be done:');
  await glusterctl(0, 'plan', file);
  say('Do it, as one transaction:');
  await glusterctl(0, 'apply', file, '--yes');
  say('Once more. Nothing is done twice:');
  await glusterctl(0, 'apply', file, '--yes');
  await glusterctl(0, 'status', file);
}

/** The part of a playbook from `volumes:` on, with this cluster's addresses. */
function volumesOf(playbook: string, stage: Stage): string {
  const text = readFileSync(new URL(`../../playbooks/${playbook}.yaml`, import.meta.url), 'utf8');
  return text.slice(text.indexOf('\nvolumes:') + 1).replace('192.0.2.*', stage.clients);
}

async function deleteThatFails(
  stage: Stage,
  { chapter, say, glusterctl, check }: Narrator,
  file: string,
): Promise<void> {
  chapter('The same failure, under glusterctl');
  await stage.client?.writeFile('scratch', 'kept.txt', 'written before the delete\n');
  say('Volume scratch shall go. First it is stopped: in the file it says "state: stopped" now.');
  const text = readFileSync(file, 'utf8');
  const withState = (state: string): string => text.replace(/^( {2}scratch:)$/m, `$1\n    state: ${state}`);
  writeFileSync(file, withState('stopped'));
  await glusterctl(0, 'apply', file, '--yes');
  say('Now it says "state: absent". A delete needs more than --yes:');
  writeFileSync(file, withState('absent'));
  await glusterctl(8, 'apply', file, '--yes');
  say(
    'On node02 the directory of the volume is made immutable again. ' +
      'The delete fails there, and is taken back:',
  );
  const before = await stage.stores();
  await stage.jam('node02', VOLUME_DIR);
  await glusterctl(3, 'apply', file, '--yes', '--allow-destroy', 'volume/scratch');
  check('what all three nodes have stored is as it was before', (await stage.stores()) === before);
  await stage.unjam('node02', VOLUME_DIR);
  say('The disk is well again. The same command, and this time it goes through:');
  await glusterctl(0, 'apply', file, '--yes', '--allow-destroy', 'volume/scratch');
  const left = await Promise.all(NODES.map(async (node) => (await stage.volumesOn(node)).join()));
  check(
    'no node has anything of scratch in its store',
    left.every((names) => names === 'data'),
  );
  if (stage.client === undefined) return;
  const files = await stage.client.onBricks('/bricks/d1/scratch/kept.txt');
  check('what the client wrote is still on its brick', files.join('') === 'written before the delete\n');
}

async function brickThatDies(
  stage: Stage,
  { chapter, say, glusterctl, check }: Narrator,
  file: string,
): Promise<void> {
  chapter(stage.client === undefined ? 'A brick dies' : 'A brick dies while a client writes');
  const writing = await stage.client?.startWriting('data');
  if (writing !== undefined)
    say('A client has mounted volume data and appends to a file ten times a second.');
  await stage.killBrick('node02', '/bricks/d1/data');
  say('On node02 the process of its brick is killed. What is wrong?');
  await glusterctl(2, 'doctor', file);
  say('Put it right:');
  await glusterctl(0, 'apply', file, '--yes');
  await glusterctl(0, 'plan', file, '--detailed-exitcode');
  if (writing === undefined) return;
  const { writes, errors, longestGapMs, copiesEqual } = await writing.stop();
  check(
    `${String(writes)} writes by the client, none failed; the longest pause was ${String(longestGapMs)} ms`,
    errors.length === 0,
  );
  check('all three copies of what it wrote are equal', copiesEqual);
}

/**
 * The command line tool: words in, XML and an exit code out, as the real one prints them. Owns the 120
 * seconds after which it gives up, though glusterd works on.
 */
import { ensureUuid } from './daemon-store.ts';
import { OPTION_CATALOGUE } from './options.ts';
import { DaemonGone, type Member, type Operation, run } from './operation.ts';
import { type Answer, detach, probe } from './peer-change.ts';
import { isMember } from './peers.ts';
import { rebalanceOperation, taskStatus } from './rebalance.ts';
import { removeBrickOperation } from './remove-brick.ts';
import { addBrickOperation, beginHeal, replaceBrickOperation, resetBrickOperation } from './volume-bricks.ts';
import { createOperation } from './volume-create.ts';
import {
  deleteOperation,
  globalOperation,
  resetOperation,
  setOperation,
  startOperation,
  stopOperation,
} from './volume-change.ts';
import { type Command, type Node, pauseOn, unfrozen, type World } from './world.ts';

const CLI_LIMIT_MS = 120_000;
const CLI_MS = 12;
/** How often the command line checks that glusterd is still there. */
const CHECK_MS = 200;

export interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const NO_DAEMON: Printed = {
  code: 1,
  stdout: '',
  stderr: 'Connection failed. Please check if gluster daemon is operational.\n',
};
const TIMED_OUT: Printed = { code: 1, stdout: 'Error : Request timed out\n', stderr: '' };

/** `by`: for whoever judges afterwards whose change was overwritten. */
export async function gluster(
  world: World,
  node: Node,
  argv: readonly string[],
  by: Command['by'],
): Promise<Printed> {
  const began = world.clock.now();
  await pauseOn(world, node, CLI_MS);
  const { daemon } = node;
  if (daemon === undefined) return NO_DAEMON;
  const isWhole = [...daemon.peers.values()].every(isMember);
  const command: Command = {
    by,
    node: node.name,
    argv,
    isWhole,
    isCommitted: false,
    began,
    endedAt: undefined,
    ended: undefined,
  };
  world.commands.push(command);
  world.trace.push(`${node.name} gluster ${argv.join(' ')}`);
  const answered = answer(world, node, command).then(printed, (error: unknown) => {
    if (error instanceof DaemonGone) return NO_DAEMON;
    throw error;
  });
  const call = { pid: daemon.pid, isOver: false };
  const printedOut = await Promise.race([answered, gone(world, node, call)]);
  call.isOver = true;
  command.endedAt = world.clock.now();
  command.ended = printedOut.stdout.includes('<opRet>0<') ? 'done' : 'failed';
  world.trace.push(
    `${node.name} said ${String(printedOut.code)} ${/<opErrstr>([^<]*)/.exec(printedOut.stdout)?.[1] ?? ''}`,
  );
  return printedOut;
}

interface Waiting {
  readonly pid: number;
  isOver: boolean;
}

/** Checks that its glusterd is still there, until there is an answer or the limit is over. */
async function gone(world: World, node: Node, call: Waiting): Promise<Printed> {
  const deadline = world.clock.now() + CLI_LIMIT_MS;
  while (!call.isOver && node.daemon?.pid === call.pid && world.clock.now() < deadline)
    await world.clock.pause(CHECK_MS);
  return node.daemon?.pid === call.pid ? TIMED_OUT : NO_DAEMON;
}

async function answer(world: World, node: Node, command: Command): Promise<Answer> {
  const { argv } = command;
  const daemon = await unfrozen(node);
  if (daemon === undefined) throw new DaemonGone('glusterd ended before it answered');
  const origin: Member = { world, node, daemon };
  const [scope, verb = '', name = '', ...rest] = argv;
  if (scope === 'peer' && verb === 'probe') return await probe(origin, name);
  if (scope === 'peer' && verb === 'detach') return await detach(origin, name, rest.includes('force'));
  if (scope === 'pool') return { ret: 0, text: ensureUuid(world, node, daemon) };
  if (scope === 'volume' && verb === 'get') return getOption(origin, name, rest[0] ?? 'all');
  if (scope === 'volume' && verb === 'list') return { ret: 0, text: [...daemon.volumes.keys()].join('\n') };
  if (scope === 'volume' && verb === 'rebalance' && rest[0] === 'status') return taskStatus(origin, name, 19);
  if (scope === 'volume' && verb === 'remove-brick' && rest.at(-1) === 'status')
    return taskStatus(origin, name, 9);
  if (scope === 'volume' && verb === 'heal') return beginHeal(origin, name);
  const operation = scope === 'volume' ? volumeOperation(origin, verb, name, rest) : undefined;
  if (operation === undefined) return { ret: -1, text: `unrecognized word: ${verb} (position 1)` };
  if (typeof operation === 'string') return { ret: -1, text: operation };
  const commit: Operation['commit'] = async (on) => {
    const failed = await operation.commit(on);
    if (failed === undefined) command.isCommitted = true;
    return failed;
  };
  const refused = await run(origin, { ...operation, commit });
  return refused === undefined ? { ret: 0, text: '' } : { ret: -1, text: refused };
}

function volumeOperation(
  origin: Member,
  verb: string,
  name: string,
  rest: readonly string[],
): Operation | string | undefined {
  const force = rest.at(-1) === 'force';
  switch (verb) {
    case 'create':
      return createOperation(origin, name, rest);
    case 'start':
      return startOperation(name, force);
    case 'stop':
      return stopOperation(name, force);
    case 'delete':
      return deleteOperation(name);
    case 'add-brick':
      return addBrickOperation(origin, name, rest);
    case 'remove-brick':
      return removeBrickOperation(origin, name, rest);
    case 'replace-brick':
      return replaceBrickOperation(origin, name, rest);
    case 'reset-brick':
      return resetBrickOperation(origin, name, rest);
    case 'rebalance':
      return rebalanceOperation(origin, name, rest);
    case 'set':
      return setWords(name, rest);
    case 'reset':
      if (name === 'all')
        return globalOperation((options) => {
          options.delete(rest[0] ?? '');
        });
      return resetOperation(name, rest[0] === 'force' ? undefined : rest[0]);
    default:
      return undefined;
  }
}

function setWords(name: string, words: readonly string[]): Operation | string {
  if (words.length === 0 || words.length % 2 === 1) return 'Usage: volume set <VOLNAME> <KEY> <VALUE>';
  const pairs = Array.from(
    { length: words.length / 2 },
    (_, i) => [words[2 * i] ?? '', words[2 * i + 1] ?? ''] as const,
  );
  if (name !== 'all') return setOperation(name, pairs);
  return globalOperation((options) => {
    for (const [key, value] of pairs) options.set(key, value);
  });
}

function getOption({ daemon }: Member, name: string, option: string): Answer {
  const volume = daemon.volumes.get(name);
  if (volume === undefined) return { ret: -1, text: `Volume ${name} does not exist` };
  const names = option === 'all' ? [...OPTION_CATALOGUE.keys()] : [option];
  const value = (o: string): string =>
    volume.options.get(o) ?? `${OPTION_CATALOGUE.get(o) ?? '(null)'} (DEFAULT)`;
  return { ret: 0, text: names.map((o) => `${o} ${value(o)}`).join('\n') };
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** With `--xml` the exit code is that of the writer: 0, whatever happened. */
function printed({ ret, text, xml = '', isPlain }: Answer): Printed {
  if (isPlain)
    return { code: ret === 0 ? 0 : 1, stdout: ret === 0 ? text : '', stderr: ret === 0 ? '' : text };
  const [errstr, output] = ret === 0 ? ['', text] : [text, ''];
  const stdout = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<cliOutput>
  <opRet>${String(ret)}</opRet>
  <opErrno>${ret === 0 ? '0' : '30800'}</opErrno>
  <opErrstr>${escape(errstr)}</opErrstr>
  <output>${escape(output)}</output>${xml}
</cliOutput>
`;
  return { code: 0, stdout, stderr: '' };
}

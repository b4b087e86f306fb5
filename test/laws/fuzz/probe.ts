/**
 * Fuzzes the reader of a probe's output: a captured answer, damaged as a whole, in one frame, or in its
 * archives.
 */
import { nodeName } from '../../../src/model/names.ts';
import { readNode } from '../../../src/observe/read-node.ts';
import type { Random } from '../../../src/simulator/random.ts';
import { archive, type Member } from './archive.ts';
import { CAPTURED, CAPTURED_FRAMES, NONCE } from './captured.ts';
import { type Case, type Fuzzed, law } from './case.ts';
import { drawState, drawVolume, stateText } from './model.ts';
import { soundFacts, soundNumbers, unpolluted } from './sound.ts';
import { bytes, latin1, NAMES, NUMBERS, spoil } from './spoil.ts';
import { storeEntries } from './store.ts';

type Frames = readonly (readonly [name: string, body: string])[];

/** Listed here again, so that a frame which the reader no longer requires is found. */
const REQUIRED = [
  'meta',
  'version',
  'config',
  'processes',
  'mounts',
  'tcp',
  'marked',
  'pidfiles',
  'sockets-dir',
  'paths',
  'xattrs',
  'entries',
  'filesystems',
  'service',
  'addresses',
  'resolve',
  'lock',
  'owner',
  'end',
];
const SHORT = 1500;

const assemble = (frames: Frames): string =>
  frames.map(([name, body]) => `\n${NONCE} ${name}\n${body}`).join('');
const OWNER = JSON.stringify({
  transaction: 'tx-1',
  user: 'ann',
  host: 'h',
  pid: 7,
  since: '2026-01-01T00:00:00Z',
  command: 'apply',
});

/**
 * The captured frames, cut to a length at which a million are read in minutes.
 */
const FRAMES: Frames = CAPTURED_FRAMES.filter(
  ([name], i) => !/^(process|argv|cgroup|sockets) /.test(name) || i < 14,
)
  .filter(([name]) => name !== 'catalogue')
  .map(([name, body]) => [
    name,
    body.length > SHORT ? body.slice(0, body.lastIndexOf('\n', SHORT) + 1) : body,
  ]);

function members(random: Random): Member[] {
  const sound = storeEntries(random, drawVolume(random, 'vol'));
  return sound.map(({ path, kind, content }) => ({
    path: kind === 'directory' ? `${path}/` : path,
    content,
    type: kind === 'directory' ? '5' : '0',
  }));
}

function hostile(random: Random, list: Member[]): Member[] {
  const at = random.int(0, list.length - 1);
  const one = list[at];
  if (one === undefined) return list;
  const name = one.path.replace(/[^/]+\/?$/, random.pick(NAMES));
  const changed = random.pick<() => Member>([
    () => ({ ...one, path: name }),
    () => ({ ...one, path: random.pick(NAMES) }),
    () => ({ ...one, size: random.pick(NUMBERS).slice(0, 12) }),
    () => ({ ...one, size: `\x80\0\0\0${'\xff'.repeat(random.int(1, 8))}` }),
    () => ({ ...one, mtime: `\xff${'\xff'.repeat(random.int(1, 11))}` }),
    () => ({ ...one, type: random.pick(['L', 'x', '2', '5'] as const) }),
    () => ({ ...one, content: bytes(spoil(random, latin1(one.content))) }),
  ])();
  return list.with(at, changed);
}

function frames(random: Random): Frames {
  const store = random.chance(0.5) ? hostile(random, members(random)) : members(random);
  const journal = ['owner.json', 'state'].map(
    (f) =>
      `/var/lib/glusterctl/transactions/20260101T000000Z-1/${f}\n ${f === 'state' ? 'committing' : OWNER}`,
  );
  const kept = random.chance(0.3) ? spoil(random, journal.join('\n')) : journal.join('\n');
  const fresh: Readonly<Record<string, () => string>> = {
    store: () => latin1(archive(store)),
    files: () => `${kept}\n`,
    state: () => latin1(Buffer.from(stateText(drawState(random)))),
    marked: () => '/proc/31/environ GLUSTERCTL_TRANSACTION=tx-1\n',
    lock: () => 'held\n31\n',
    owner: () => OWNER,
  };
  return FRAMES.map(([name, body]) => [name, fresh[name]?.() ?? body]);
}

function output(random: Random): string {
  if (random.chance(0.01)) return spoil(random, latin1(CAPTURED));
  const whole = frames(random);
  if (random.chance(0.1)) return assemble(whole);
  if (random.chance(0.25)) return spoil(random, assemble(whole));
  const at = random.int(0, whole.length - 1);
  return assemble(whole.map(([name, body], i) => [name, i === at ? spoil(random, body) : body]));
}

function draw(random: Random): Case {
  const input = bytes(output(random));
  return {
    input,
    judge() {
      const read = readNode({ node: nodeName('n'), nonce: NONCE, output: input, sentAt: 0, answeredAt: 1 });
      unpolluted();
      if (!read.ok) {
        law(read.error.title !== '' && read.error.node === 'n', 'refused without a reason');
        return false;
      }
      const text = latin1(input);
      law(text.endsWith(`\n${NONCE} end\n`), 'an answer that is cut off passed for whole');
      for (const name of REQUIRED)
        law(
          text.split(`\n${NONCE} ${name}\n`).length === 2,
          `an answer without one "${name}" passed for whole`,
        );
      soundNumbers(read.value, 'facts');
      soundFacts(read.value);
      return true;
    },
  };
}

export const probeFuzz: Fuzzed = { name: 'probe', share: 5, draw };

/** Fuzzes the reader of glusterd's store: info, brick, peer and glusterd.info files, damaged one by one. */
import { isDeepStrictEqual } from 'node:util';
import { readStoreText } from '../../../src/observe/store-file.ts';
import { readStore } from '../../../src/observe/read-store.ts';
import type { TarEntry } from '../../../src/observe/tar.ts';
import type { Random } from '../../../src/simulator/random.ts';
import {
  brickText,
  glusterdInfoText,
  infoText,
  nodeStateText,
  peerText,
} from '../../../src/simulator/store-text.ts';
import { brickFile, type Volume } from '../../../src/simulator/world.ts';
import { type Case, type Fuzzed, law } from './case.ts';
import { drawVolume } from './model.ts';
import { soundNumbers, soundStore, unpolluted } from './sound.ts';
import { bytes, latin1, NAMES, spoil } from './spoil.ts';

const file = (path: string, text: string): TarEntry => ({
  path,
  kind: 'file',
  content: Buffer.from(text),
  mode: 0o600,
  mtime: 0,
});
const directory = (path: string): TarEntry => ({ ...file(path, ''), kind: 'directory' });

export const storeEntries = (random: Random, volume: Volume): readonly TarEntry[] => [
  file('glusterd.info', glusterdInfoText(random.uuid(), 100_000)),
  directory('peers'),
  ...['node02', 'node03'].map((host) => {
    const uuid = random.uuid();
    return file(`peers/${uuid}`, peerText({ uuid, hostnames: [host], state: 3, connected: true }));
  }),
  directory('vols'),
  directory(`vols/${volume.name}`),
  file(`vols/${volume.name}/info`, infoText(volume)),
  file(`vols/${volume.name}/node_state.info`, nodeStateText(volume.task)),
  ...volume.bricks.map((b, i) => file(`vols/${volume.name}/bricks/${brickFile(b)}`, brickText(b, i === 0))),
];

/**
 * Accepted text reads back byte for byte: nothing was guessed or replaced, and only empty lines were skipped.
 */
function faithful({ path, content }: TarEntry): void {
  const { pairs, problem } = readStoreText(content);
  if (problem !== undefined) return;
  const again = pairs.map(([key, value]) => `${key}=${value}\n`).join('');
  const meant = latin1(content)
    .replace(/^\n+/, '')
    .replaceAll(/\n{2,}/g, '\n');
  law(latin1(Buffer.from(again)) === meant, `${path} was accepted as something else`);
  for (const line of meant.split('\n'))
    law(line.length <= 8191, `${path} has a line that glusterd cannot read`);
}

function roundTrip(volume: Volume, entries: readonly TarEntry[]): void {
  const { volumes, problems, peers } = readStore(entries, true, new Map());
  law(problems.length === 0, `sound text was refused: ${JSON.stringify(problems[0])}`);
  law(
    peers.length === 2 && peers.every((p) => p.state === 3 && p.uuid === p.file),
    'sound peers were misread',
  );
  const read = [...volumes.values()][0];
  law(read !== undefined && volumes.size === 1, 'a sound volume was not read');
  law(read.id === volume.id && read.version === volume.version, 'a sound volume was misread');
  law(isDeepStrictEqual(read.options, volume.options), 'sound options were misread');
  const bricks = volume.bricks.map(({ hostname, path, uuid, id }, i) => [
    hostname,
    path,
    uuid,
    id,
    i === 0 ? volume.bricks[0]?.port : 0,
  ]);
  law(
    isDeepStrictEqual(
      read.bricks.map((b) => [b.hostname, b.path, b.ownerUuid, b.brickId, b.listenPort]),
      bricks,
    ),
    'sound bricks were misread',
  );
  const { layout } = read;
  law(
    layout.kind === ({ 0: 'distribute', 2: 'replicate', 4: 'disperse' } as const)[volume.type],
    'another layout',
  );
}

function spoilt(random: Random, sound: readonly TarEntry[]): TarEntry[] {
  const entries = [...sound];
  do {
    const at = random.int(0, entries.length - 1);
    const entry = entries[at];
    if (entry === undefined) break;
    if (random.chance(0.1))
      entries[at] = { ...entry, path: entry.path.replace(/[^/]+$/, random.pick(NAMES)) };
    else if (random.chance(0.05)) entries.splice(at, 1);
    else if (entry.kind === 'file')
      entries[at] = { ...entry, content: bytes(spoil(random, latin1(entry.content))) };
  } while (random.chance(0.2));
  return entries;
}

function draw(random: Random): Case {
  const volume = drawVolume(random, 'vol');
  const sound = storeEntries(random, volume);
  const isSound = random.chance(0.1);
  const entries = isSound ? sound : spoilt(random, sound);
  return {
    input: Buffer.from(entries.map((e) => `--- ${e.path}\n${latin1(e.content)}`).join('\n'), 'latin1'),
    judge() {
      if (isSound) roundTrip(volume, entries);
      const store = readStore(entries, true, new Map());
      soundNumbers(store, 'store');
      soundStore(store);
      for (const entry of entries) if (entry.kind === 'file') faithful(entry);
      unpolluted();
      return store.problems.length === 0;
    },
  };
}

export const storeFuzz: Fuzzed = { name: 'store', share: 40, draw };

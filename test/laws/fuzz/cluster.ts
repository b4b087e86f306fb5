/**
 * Fuzzes the loading of a cluster file: damaged playbooks, and damaged random files whose meaning is known.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Loaded } from '../../../src/cluster-file/load.ts';
import type { Random } from '../../../src/simulator/random.ts';
import { type Case, type Fuzzed, law } from './case.ts';
import { loadedSoundly } from './cluster-laws.ts';
import { unpolluted } from './sound.ts';
import { bytes, latin1, spoil } from './spoil.ts';

const root = new URL('../../../playbooks/', import.meta.url);
const PLAYBOOKS = readdirSync(root).map((name) => latin1(readFileSync(new URL(name, root))));

interface Meant {
  readonly text: string;
  readonly volumes: readonly unknown[];
}

const NODES = ['n1', 'n2', 'n3', 'n4'] as const;
const STATES = ['started', 'stopped'] as const;

function drawFile(random: Random): Meant {
  const volumes = Array.from({ length: random.int(0, 2) }, (_, i) => {
    const name = random.pick([`v${String(i)}`, `_${String(i)}-x`]);
    const size = random.int(3, 4);
    const kind = random.pick(['distribute', 'replicate', 'disperse'] as const);
    const bricks = NODES.slice(0, size).map((node) => ({ node, path: `/b/${name}` }));
    const options = { 'user.x': random.pick(['on', '1', 'ü', 'a b']) };
    const state = random.pick(STATES);
    const layout =
      kind === 'replicate'
        ? { kind, replica: size, arbiter: 0 }
        : kind === 'disperse'
          ? { kind, disperse: size, redundancy: 1 }
          : { kind };
    const { kind: _kind, arbiter: _arbiter, ...numbers } = { arbiter: 0, ...layout };
    return { name, state, layout, bricks, options, numbers };
  });
  const file = {
    cluster: 'c',
    nodes: Object.fromEntries(NODES.map((node) => [node, null])),
    volumes: Object.fromEntries(
      volumes.map(({ name, state, bricks, options, numbers }) => [
        name,
        { state, ...numbers, bricks: bricks.map(({ node, path }) => `${node}:${path}`), options },
      ]),
    ),
  };
  const isPretty = random.chance(0.8);
  return {
    text: isPretty ? JSON.stringify(file, undefined, 2) : JSON.stringify(file),
    volumes: volumes.map(({ name, state, layout, bricks, options }) => ({
      name,
      state,
      layout,
      bricks,
      options,
    })),
  };
}

const understood = (loaded: Loaded): readonly unknown[] =>
  loaded.ok
    ? loaded.value.volumes.map(({ name, state, layout, bricks, options }) => ({
        name,
        state,
        layout,
        bricks,
        options: Object.fromEntries(options),
      }))
    : loaded.error;

function draw(random: Random): Case {
  const meant = drawFile(random);
  const isSound = random.chance(0.1);
  const [first = '', ...others] = PLAYBOOKS;
  const text = random.chance(0.2) ? random.pick([first, ...others]) : latin1(Buffer.from(meant.text));
  const input = isSound ? Buffer.from(meant.text) : bytes(spoil(random, text));
  return {
    input,
    judge() {
      const loaded = loadedSoundly(input.toString('utf8'));
      unpolluted();
      if (isSound)
        law(
          isDeepStrictEqual(understood(loaded), meant.volumes),
          `a sound file was not given back: ${JSON.stringify(understood(loaded)).slice(0, 300)}`,
        );
      return loaded.ok;
    },
  };
}

export const clusterFuzz: Fuzzed = { name: 'cluster file', share: 15, draw };

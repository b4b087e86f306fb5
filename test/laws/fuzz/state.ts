/** Fuzzes the reader of `gluster get-state`: random states and one captured on a node, damaged. */
import { isDeepStrictEqual } from 'node:util';
import { readGetState } from '../../../src/observe/get-state.ts';
import type { Random } from '../../../src/simulator/random.ts';
import { CAPTURED_STATE } from './captured.ts';
import { type Case, type Fuzzed, law } from './case.ts';
import { drawState, stateText } from './model.ts';
import { soundNumbers, soundState, unpolluted } from './sound.ts';
import { bytes, latin1, spoil } from './spoil.ts';

function draw(random: Random): Case {
  const state = drawState(random);
  const isSound = random.chance(0.1);
  const text = random.chance(0.1) ? CAPTURED_STATE : latin1(Buffer.from(stateText(state)));
  const input = isSound ? Buffer.from(stateText(state)) : bytes(spoil(random, text));
  return {
    input,
    judge() {
      const read = readGetState(input.toString('utf8'));
      unpolluted();
      if (isSound) law(read.ok && isDeepStrictEqual(read.value, state), 'a sound state was not given back');
      if (!read.ok) {
        law(read.error !== '', 'refused without a reason');
        return false;
      }
      law(/^\s*\[Misc\]\s*$/m.test(latin1(input)), 'a state without its last section passed for whole');
      soundNumbers(read.value, 'state');
      soundState(read.value);
      return true;
    },
  };
}

export const stateFuzz: Fuzzed = { name: 'get-state', share: 40, draw };

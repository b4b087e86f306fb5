/** A probe's output as a real node sent it, split without the product's reader. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { latin1 } from './spoil.ts';

export const NONCE = '0123456789abcdef0123456789abcdef';
export const CAPTURED = gunzipSync(readFileSync(new URL('../../fixtures/node02.probe.gz', import.meta.url)));

/** Name and body of each frame, in latin1. */
export const CAPTURED_FRAMES: readonly (readonly [name: string, body: string])[] = latin1(CAPTURED)
  .split(`\n${NONCE} `)
  .slice(1)
  .map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]);

export const CAPTURED_STATE = CAPTURED_FRAMES.find(([name]) => name === 'state')?.[1] ?? '';

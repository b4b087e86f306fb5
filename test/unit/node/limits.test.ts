/**
 * Limits that depend on each other: whoever takes a node waits as long as anything may take there that an
 * earlier controller has begun.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { glusterOn } from '../../../src/actions/common.ts';
import type { NodeOp } from '../../../src/model/op.ts';
import { UNMARK_MAX_S, VACATE_MAX_S } from '../../../src/node/brick-marks.ts';
import { DRAIN_MAX_S, LOCK_TIMEOUT_MS, RELEASE_LIMIT_MS, timeoutOf } from '../../../src/node/limits.ts';
import {
  END_SPARING_MAX_S,
  RESTART_ALONE_MAX_S,
  START_MAX_S,
  STOP_MAX_S,
} from '../../../src/node/service.ts';
import { DRAIN_MAX_MS } from '../../../src/simulator/guard.ts';
import { owner } from '../../contract/harness.ts';
import { world } from '../../worlds.ts';

const path = '/bricks/d1/v';
const commands = glusterOn(world({ volumes: [{ name: 'v' }] }).view(), ['volume', 'start', 'v']).flatMap(
  (call) => ('op' in call ? [call.op] : []),
);
const OPS: readonly NodeOp[] = [
  ...commands,
  { kind: 'spare-bricks' },
  { kind: 'stop-glusterd' },
  { kind: 'start-glusterd', argv: [] },
  { kind: 'check-store', paths: [] },
  { kind: 'edit-store', writes: [], removes: [] },
  { kind: 'restore-store', transaction: 'x', paths: [], ports: [] },
  { kind: 'end-process', pid: 1, startTicks: 1, word: 'x' },
  { kind: 'clean-brick', path, volumeId: undefined, existedBefore: true },
  { kind: 'unmark-brick', path, volumeId: '', isCheck: false },
  { kind: 'vacate-brick', path, volumeId: '', existedBefore: true, isCheck: false },
  { kind: 'journal-prepare', owner: owner('x'), plan: '' },
];

describe('the wait for the last commands of an earlier controller', () => {
  it('is as long as any of them may take', () => {
    expect(commands).toHaveLength(1);
    for (const op of OPS) expect(DRAIN_MAX_S * 1000, op.kind).toBeGreaterThanOrEqual(timeoutOf(op));
    const ofScripts = [START_MAX_S, STOP_MAX_S, UNMARK_MAX_S, VACATE_MAX_S];
    for (const limit of [...ofScripts, RESTART_ALONE_MAX_S + END_SPARING_MAX_S])
      expect(DRAIN_MAX_S).toBeGreaterThan(limit);
  });

  it('ends before the caller gives up, and is the same in the simulator and in the docs', () => {
    expect(LOCK_TIMEOUT_MS).toBeGreaterThan(DRAIN_MAX_S * 1000);
    expect(RELEASE_LIMIT_MS).toBeGreaterThan(LOCK_TIMEOUT_MS);
    expect(DRAIN_MAX_MS).toBe(DRAIN_MAX_S * 1000);
    for (const page of ['safety.md', 'decisions/0001-lock-by-flock-and-fence.md']) {
      const text = readFileSync(new URL(`../../../docs/${page}`, import.meta.url), 'utf8');
      expect(text.replaceAll(/\s+/g, ' ')).toContain(`up to ${String(DRAIN_MAX_S)} seconds`);
    }
  });
});

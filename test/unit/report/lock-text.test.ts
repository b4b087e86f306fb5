/** Who holds the cluster, where not all of it could be read. */
import { expect, it } from 'vitest';
import { failure } from '../../../src/core/failure.ts';
import type { LockFacts } from '../../../src/model/observed.ts';
import { lockJson } from '../../../src/report/json/lock-json.ts';
import { lockText } from '../../../src/report/text/lock-text.ts';

const HELD: LockFacts = { held: true, pid: 7, owner: undefined };
const text = (locks: Readonly<Record<string, LockFacts | undefined>>, unread: readonly string[]): string =>
  lockText(
    'c',
    Object.entries(locks).map(([node, lock]) => ({ node, lock })),
    { colour: false, unread },
  );

it('a cluster that nobody holds is one of which every node was read', () => {
  expect(text({ node01: undefined, node02: undefined }, [])).toBe('Cluster c\n\nNobody holds the cluster.\n');
});

it.each([
  ['nobody on the others', { node01: undefined }, 'Free: node01'],
  ['somebody on the others', { node01: HELD, node03: undefined }, 'Free: node03'],
  ['no other', {}, undefined],
])('a node that was not read may be held: %s', (_what, locks, free) => {
  const said = text(locks, ['node02']);
  expect(said).not.toContain('Nobody');
  expect(said).toContain('Not known, because it was not read: node02');
  expect(/Free: .*/.exec(said)?.[0]).toBe(free);
});

it('the same for programs', () => {
  const why = failure('timeout', 'cannot connect to node02', { node: 'node02', cause: 'silence' });
  expect(JSON.parse(lockJson('c', [], [why]))).toMatchObject({
    held: false,
    unread: [{ node: 'node02', code: 'timeout', title: 'cannot connect to node02', cause: 'silence' }],
  });
});

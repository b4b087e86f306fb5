/** Failures as text: one message for all nodes that have the same, and each other failure by itself. */
import { describe, expect, test } from 'vitest';
import { failure, type Failure } from '../../../src/core/failure.ts';
import { failureText } from '../../../src/report/text/failure-text.ts';

const unreachable = (node: string, address = node, cause = 'name not found'): Failure =>
  failure('node-unreachable', `cannot connect to ${address} port 22`, {
    node,
    cause,
    fix: `check that the node is up; try by hand: ssh root@${address} true`,
  });
const said = (...failures: readonly Failure[]): string => failureText(failures, false);

describe('nodes with the same failure are one message', () => {
  test('by name, with a fix that can be pasted', () => {
    expect(said(unreachable('gu1'), unreachable('gu2'), unreachable('gu10'))).toBe(
      [
        'error: gu1, gu2, gu10 (3 nodes): cannot connect to NODE port 22 [node-unreachable]',
        '  cause: name not found',
        '  fix: check that the node is up; try by hand: ssh root@gu1 true',
        '',
      ].join('\n'),
    );
  });

  test('by address', () => {
    expect(said(unreachable('a', '192.0.2.1'), unreachable('b', '192.0.2.22'))).toContain(
      'error: a, b (2 nodes): cannot connect to NODE port 22',
    );
  });

  test('a text without the node stays as it is', () => {
    const jump = (node: string): Failure =>
      failure('auth-failed', 'cannot log in as ann at b1 port 22, the jump host', { node });
    expect(said(jump('a'), jump('b'))).toContain(
      'error: a, b (2 nodes): cannot log in as ann at b1 port 22, the jump host [auth-failed]',
    );
  });

  test('fifty are counted', () => {
    const text = said(...Array.from({ length: 50 }, (_, n) => unreachable(`gu${String(n)}`)));
    expect(text).toContain('gu0, gu1, gu2, gu3, gu4, gu5, gu6, gu7 and 42 more (50 nodes): ');
    expect(text.split('\n')).toHaveLength(4);
  });

  test('the others keep their places', () => {
    const other = failure('timeout', 'a script did not end within 20 s', { node: 'gu2' });
    const text = said(unreachable('gu1'), other, unreachable('gu3'));
    expect(text.match(/error: .*/g)).toEqual([
      'error: gu1, gu3 (2 nodes): cannot connect to NODE port 22 [node-unreachable]',
      'error: gu2: a script did not end within 20 s [timeout]',
    ]);
  });
});

describe('what differs stays apart', () => {
  test.each<readonly [string, Failure, Failure]>([
    ['another cause', unreachable('a'), unreachable('b', 'b', 'connection refused')],
    ['another code', unreachable('a'), { ...unreachable('b'), code: 'timeout' }],
    ['other details', unreachable('a'), { ...unreachable('b'), details: ['SHA256:x'] }],
    ['no node', failure('invalid-input', 'no'), failure('invalid-input', 'no')],
  ])('%s', (_what, one, other) => {
    expect(said(one, other).match(/error: /g)).toHaveLength(2);
  });

  test('a name inside of a word is no name', () => {
    expect(
      said(failure('timeout', 'a cat sat', { node: 'a' }), failure('timeout', 'b cbt sbt', { node: 'b' })),
    ).toMatch(/error: a cat sat .*\n.*b cbt sbt/);
  });
});

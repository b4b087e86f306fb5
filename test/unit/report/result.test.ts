import { expect, test } from 'vitest';
import type { Outcome, RunResult } from '../../../src/model/event.ts';
import { failureText } from '../../../src/report/text/failure-text.ts';
import { resultText } from '../../../src/report/text/result-text.ts';
import { failedResult, HOSTILE, NODE03 } from './sample.ts';

const plain: RunResult = { outcome: 'applied', failures: [], owed: [] };

test('an incomplete rollback says what is owed to whom', async () => {
  await expect(resultText(failedResult, { colour: false })).toMatchFileSnapshot(
    '__snapshots__/result-owed.txt',
  );
});

test('every outcome says whether the cluster is changed', () => {
  const outcomes: Outcome[] = [
    'applied',
    'nothing-to-do',
    'refused',
    'rolled-back',
    'rollback-incomplete',
    'not-closed',
    'locked',
    'unreachable',
    'decision-needed',
    'declined',
    'interrupted',
  ];
  const texts = outcomes.map((outcome) => resultText({ ...plain, outcome }, { colour: false }).trimEnd());
  expect(texts).toMatchInlineSnapshot(`
    [
      "Applied. All nodes were read again: the cluster is as the file says.",
      "Nothing to do. The cluster is as the file says; nothing was changed.",
      "Refused. Nothing was changed.",
      "Failed, and rolled back: the cluster is as it was before.",
      "Failed, and the rollback is incomplete: the cluster is neither as before nor as the file says.",
      "The change is complete, but not closed: no node could mark its journal as committed.",
      "The cluster is locked by someone else. Nothing was changed.",
      "A node could not be reached or read. Nothing was changed.",
      "A decision is needed that glusterctl does not take alone. Nothing was changed.",
      "Not confirmed. Nothing was changed.",
      "Interrupted: the cluster is as it was before.",
    ]
  `);
});

test('neither "nothing was changed" nor "as before" is said where the same run has changed something', () => {
  const changed = [{ transaction: '20260101T000000Z-00000000', what: 'repairs, pass 1' }];
  const outcomes: Outcome[] = [
    'nothing-to-do',
    'refused',
    'decision-needed',
    'declined',
    'unreachable',
    'interrupted',
    'rolled-back',
  ];
  for (const outcome of outcomes) {
    const text = resultText({ ...plain, outcome, changed }, { colour: false });
    expect(text).not.toMatch(/nothing was changed|as it was before/i);
    expect(text).toContain(
      'Done before that, in this run:\n  repairs, pass 1 (transaction 20260101T000000Z-00000000)',
    );
  }
});

test('an interrupt that left debts does not claim that all is as before', () => {
  const owed = [{ node: NODE03, what: 'glusterd is stopped', commands: ['systemctl start glusterd'] }];
  const failures = [{ code: 'interrupted', title: 'interrupted before it was done' } as const];
  const text = resultText({ ...plain, outcome: 'rollback-incomplete', failures, owed }, { colour: false });
  expect(text).toContain('neither as before');
  expect(text).not.toContain('is as it was');
});

test('recover speaks of repair', () => {
  const text = resultText(plain, { colour: false, command: 'recover' });
  expect(text).toBe('Recovered. All nodes were read again, and they agree.\n');
});

test('failures: title, cause, fix, details', () => {
  const text = failureText(
    [
      {
        code: 'host-key-unknown',
        title: 'the host key of node03 is unknown',
        node: 'node03',
        fix: 'ssh node03\nyes',
      },
      { code: 'timeout', title: HOSTILE, cause: HOSTILE, node: 'node01', details: [HOSTILE] },
    ],
    false,
  );
  expect(text).toMatchInlineSnapshot(`
    "error: the host key of node03 is unknown [host-key-unknown]
      fix: ssh node03
           yes
    error: node01: x\\x1b[2J\\x1b]0;owned\\x07\\r\\nerror: fake\\u{202e}gnp.exe\\x9b31m [timeout]
      cause: x\\x1b[2J\\x1b]0;owned\\x07
             error: fake\\u{202e}gnp.exe\\x9b31m
        x\\x1b[2J\\x1b]0;owned\\x07\\r\\nerror: fake\\u{202e}gnp.exe\\x9b31m
    "
  `);
});

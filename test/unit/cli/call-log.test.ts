/** What `-v` says and `--log-file` keeps: each call with its time and outcome, and no secret. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callLog, callLogOf, type CallLog } from '../../../src/cli/call-log.ts';
import { logged } from '../../../src/cli/logged-link.ts';
import { failure } from '../../../src/core/failure.ts';
import { err, ok } from '../../../src/core/result.ts';
import type { NodeLink } from '../../../src/model/node-link.ts';
import { nodeName } from '../../../src/model/names.ts';
import type { OpOutcome } from '../../../src/model/op.ts';

const AT = new Date(2026, 10, 29, 12, 3, 4, 120);
const CALL = { node: 'gu1', what: 'probe', tookMs: 214, outcome: 'ok' };

let shown: string, kept: string;
let log: CallLog;
beforeEach(() => {
  [shown, kept] = ['', ''];
  log = callLog(
    (text) => void (shown += text),
    (text) => void (kept += text),
    () => AT,
    'glusterctl plan c.yaml',
  );
});

describe('an entry', () => {
  it('is a line on the terminal, and has its output in the file, below the command that was run', () => {
    log.add({ ...CALL, output: 'one\ntwo\n' });
    expect(shown).toBe('12:03:04.120 gu1 probe 0.21 s ok\n');
    const iso = AT.toISOString();
    expect(kept).toBe(`${iso} glusterctl plan c.yaml\n${iso} gu1 probe 0.21 s ok\n  one\n  two\n`);
  });

  it.each([
    ['a username of an info file', 'username=0f8e-S3CRET\nstatus=1', /status=1/],
    ['a password of an info file', 'password=S3CRET', /password=/],
    ['a quoted one', 'passphrase: "S3CRET and S3CRET"', /passphrase/],
    ['an option of that name', 'volume set data auth.login.x.password S3CRET user.y 1', /user\.y 1/],
    ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nS3CRET\n-----END RSA PRIVATE KEY-----\nmore', /more/],
    ['half a private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nS3CRET\nS3CRET', /\*\*\*/],
    ['what is to be hidden', 'sudo: word "S3CRET" is', /sudo: word "\*\*\*" is/],
  ])('never shows %s', (what, text, rest) => {
    if (what.startsWith('what is')) log.hide('S3CRET');
    for (const call of [
      { ...CALL, output: text },
      { ...CALL, outcome: `failed: ${text}` },
      { ...CALL, what: text },
    ])
      log.add(call);
    expect(shown + kept).not.toContain('S3CRET');
    expect(kept).toMatch(rest);
  });

  it('moves no cursor', () => {
    log.add({ ...CALL, outcome: 'failed: \u001b[2J', output: '\u001b[2J\r' });
    expect(shown + kept).not.toMatch(/\u001b|\r/);
  });
});

describe('the file', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'glusterctl-log-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });
  const terminal = { outIsTty: false, errIsTty: false, colour: false, columns: 80, out: () => undefined };
  const open = (logFile: string): CallLog | undefined =>
    callLogOf({ logFile }, { ...terminal, err: (text) => void (shown += text) });

  it.each([undefined, 'before\n'])('is appended to, for its owner alone, where there was %j', (before) => {
    const path = join(dir, 'log');
    if (before !== undefined) {
      writeFileSync(path, before);
      chmodSync(path, 0o644);
    }
    open(path)?.add(CALL);
    open(path)?.add(CALL);
    const text = readFileSync(path, 'utf8');
    expect(text.startsWith(before ?? '20')).toBe(true);
    expect(text.match(/ gu1 probe 0\.21 s ok$/gm)).toHaveLength(2);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(shown).toBe('');
  });

  it('that cannot be written is a mistake before anything is done', () => {
    expect(() => open(join(dir, 'none/log'))).toThrow(/the log cannot be written/);
  });

  it('that goes away later is said once, and stops nothing', () => {
    const path = join(dir, 'log');
    const made = open(path);
    rmSync(dir, { recursive: true });
    made?.add(CALL);
    made?.add(CALL);
    expect(shown.match(/the log ends here/g)).toHaveLength(1);
  });
});

describe('a logged node', () => {
  const node = nodeName('gu1');
  const lost = err(failure('timeout', 'no answer', { cause: 'silence' }));
  const perform = (answer: OpOutcome): NodeLink => ({
    node,
    observe: () => Promise.resolve(lost),
    lock: () => Promise.resolve(lost),
    release: () => Promise.resolve(ok('left')),
    journal: () => Promise.resolve(lost),
    moved: () => Promise.resolve(lost),
    beginHeal: () => Promise.resolve(lost),
    loggedErrors: () => Promise.resolve(lost),
    perform: () => Promise.resolve(answer),
  });
  const argv = ['volume', 'set', 'data', 'network.ping-timeout', '21'];
  const op = { kind: 'gluster', argv, timeoutSeconds: 1 } as const;

  it.each<readonly [OpOutcome, string]>([
    [{ kind: 'done', output: 'fine' }, 'ok'],
    [{ kind: 'failed', message: 'no\nwhy' }, 'failed: no'],
    [{ kind: 'unknown', message: 'lost' }, 'unknown: lost'],
  ])('answers as before, and the command is in the log: %j', async (answer, outcome) => {
    expect(await logged(perform(answer), log).perform(op, 't')).toBe(answer);
    expect(shown).toMatch(
      new RegExp(`gu1 gluster --mode=script volume set data network.ping-timeout 21 0.0\\d s ${outcome}\n`),
    );
  });

  it('says of the others what they were, and why they failed', async () => {
    const link = logged(perform({ kind: 'done', output: '' }), log);
    expect(await link.release('tx1')).toEqual(ok('left'));
    expect(await link.journal('tx1')).toBe(lost);
    expect(shown).toMatch(
      /gu1 release the lock of tx1 \S+ s ok\n.*gu1 read the journal tx1 \S+ s timeout: no answer\n/,
    );
    expect(kept).toContain('\n  silence\n');
  });
});

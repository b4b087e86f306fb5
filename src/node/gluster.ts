/**
 * Runs glusterd's own command line tool, the supported interface. Owns how its answer is read; ignores its
 * exit code.
 */
import { type Script, sh } from '../core/shell.ts';
import type { OpOutcome } from '../model/op.ts';

/**
 * Only for a CLI that hangs: after 120 s it gives up on glusterd by itself, with a message of its own.
 */
const CLI_GRACE_S = 10;

export const glusterScript = (argv: readonly string[], timeoutSeconds: number): Script =>
  sh`timeout -k 5 ${timeoutSeconds + CLI_GRACE_S} gluster --mode=script --xml ${argv}`;

/**
 * glusterd does not queue: it refuses the second command before it validates anything (glusterd-locks.c,
 * glusterd-syncop.c).
 */
const BUSY = new RegExp(
  '^(Another transaction (is|could be) in progress|Locking failed on |' +
    'Cluster lock not held|Unable to acquire lock)',
  'i',
);

/**
 * `opRet` 0 is done. A timeout, of the CLI or of ours, is unknown: glusterd goes on with the command. So is
 * "Connection failed": the CLI prints it both where it reached no glusterd and where it lost it half way.
 */
export function readGlusterAnswer(code: number | null, stdout: string, stderr: string): OpOutcome {
  const ret = /<opRet>(-?\d+)<\/opRet>/.exec(stdout)?.[1];
  const message = decode(/<opErrstr>([^<]*)<\/opErrstr>/.exec(stdout)?.[1] ?? '').trim();
  if (ret === '0') return { kind: 'done', output: stdout };
  const text =
    message !== ''
      ? message
      : `${stdout} ${stderr}`
          .replace(/<[^>]*>/g, ' ')
          .replace(/\s+/g, ' ')
          .trim();
  if (/^connection failed/i.test(text))
    return { kind: 'unknown', message: 'glusterd was not reached, or was lost half way' };
  if (code === 124 || code === 137 || /request timed out/i.test(text))
    return {
      kind: 'unknown',
      message: 'glusterd did not answer in time; it may still carry the command out',
    };
  if (BUSY.test(text)) return { kind: 'busy', message: text.slice(0, 2000) };
  return {
    kind: 'failed',
    message: text === '' ? `gluster ended with code ${String(code)}` : text.slice(0, 2000),
  };
}

const ENTITIES: readonly (readonly [RegExp, string])[] = [
  [/&lt;/g, '<'],
  [/&gt;/g, '>'],
  [/&quot;/g, '"'],
  [/&apos;/g, "'"],
  [/&amp;/g, '&'],
];
const decode = (text: string): string =>
  ENTITIES.reduce((t, [entity, plain]) => t.replace(entity, plain), text);

/**
 * Runs glusterd's own command line tool: the supported way in. Owns how its answer is understood; refuses its
 * exit code.
 */
import { type Script, sh } from '../core/shell.ts';
import type { OpOutcome } from '../model/op.ts';

/**
 * The CLI gives up on glusterd after 120 s by itself, with a message of its own; this is only for a CLI that
 * hangs.
 */
const CLI_GRACE_S = 10;

export const glusterScript = (argv: readonly string[], timeoutSeconds: number): Script =>
  sh`timeout -k 5 ${timeoutSeconds + CLI_GRACE_S} gluster --mode=script --xml ${argv}`;

/**
 * glusterd does not queue: whoever comes second is sent away, before anything is validated (glusterd-locks.c,
 * glusterd-syncop.c).
 */
const BUSY =
  /^(Another transaction (is|could be) in progress|Locking failed on |Cluster lock not held|Unable to acquire lock)/i;

/**
 * `opRet` 0 is done. A timeout, of the CLI or of ours, is unknown: glusterd goes on with it. So is
 * "Connection failed": the CLI says the same whether it reached no glusterd or lost it half way.
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
    return { kind: 'unknown', message: 'glusterd was not there, or went away half way' };
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

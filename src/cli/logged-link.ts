/** A node whose calls are logged: each with its time and its outcome. Changes no call and no answer. */
import type { Failure } from '../core/failure.ts';
import type { Result } from '../core/result.ts';
import { quote } from '../core/shell.ts';
import type { NodeLink } from '../model/node-link.ts';
import type { NodeOp } from '../model/op.ts';
import type { CallLog } from './call-log.ts';

export const logged = (link: NodeLink, log: CallLog): NodeLink => ({
  node: link.node,
  observe: (...given) => timed(log, link.node, 'probe', link.observe(...given)),
  lock: (...given) => timed(log, link.node, 'lock', link.lock(...given)),
  release: (...given) => timed(log, link.node, `release the lock of ${given[0]}`, link.release(...given)),
  journal: (...given) => timed(log, link.node, `read the journal ${given[0]}`, link.journal(...given)),
  moved: (...given) => timed(log, link.node, `ask what was moved of ${given[0]}`, link.moved(...given)),
  beginHeal: (...given) => timed(log, link.node, `begin the heal of ${given[0]}`, link.beginHeal(...given)),
  loggedErrors: (...given) => timed(log, link.node, 'read the log of glusterd', link.loggedErrors(...given)),
  perform: async (op, ...given) => {
    const began = performance.now();
    const answer = await link.perform(op, ...given);
    const call = { node: link.node, what: wordsOf(op), tookMs: performance.now() - began };
    if (answer.kind === 'done') log.add({ ...call, outcome: 'ok', output: answer.output });
    else log.add({ ...call, outcome: `${answer.kind}: ${answer.message}` });
    return answer;
  },
});

/** Of a call that gives a failure instead of an answer. */
export async function timed<T>(
  log: CallLog,
  node: string,
  what: string,
  work: Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> {
  const began = performance.now();
  const answer = await work;
  const tookMs = performance.now() - began;
  if (answer.ok) log.add({ node, what, tookMs, outcome: 'ok' });
  else {
    const { code, title, cause, details = [] } = answer.error;
    const output = [...(cause === undefined ? [] : [cause]), ...details].join('\n');
    log.add({ node, what, tookMs, outcome: `${code}: ${title}`, output });
  }
  return answer;
}

const wordsOf = (op: NodeOp): string =>
  op.kind === 'gluster' ? `gluster --mode=script ${op.argv.map(quote).join(' ')}` : op.kind;

/**
 * A transaction over a world of facts: its nodes answer as a test says, and what was sent to them is kept.
 */
import { ok } from '../../../src/core/result.ts';
import type { NodeName } from '../../../src/model/names.ts';
import type { NodeLink } from '../../../src/model/node-link.ts';
import type { NodeFacts } from '../../../src/model/observed.ts';
import type { NodeOp, OpOutcome } from '../../../src/model/op.ts';
import { type Context, contextOf } from '../../../src/transaction/context.ts';
import type { World } from '../../worlds.ts';

export const DONE: OpOutcome = { kind: 'done', output: '' };

export interface Sent {
  readonly node: NodeName;
  readonly op: NodeOp;
}

/**
 * A transaction over a world; `answer`: how a node answers an operation, by default as an honest node would.
 */
export function over(
  w: World,
  answer: (sent: Sent) => OpOutcome | undefined = () => undefined,
): { context: Context; sent: Sent[]; waited: () => number } {
  const sent: Sent[] = [];
  let now = 0;
  const facts = (node: NodeName): NodeFacts => {
    const reading = w.view().facts(node);
    if (reading === undefined) throw new Error(`${node} is not in the world`);
    return reading;
  };
  const honest = ({ node, op }: Sent): OpOutcome => {
    const glusterd = facts(node).processes.find((p) => p.role === 'glusterd');
    const asked = 'glusterd' in op ? op.glusterd : undefined;
    const isSame = asked?.pid === glusterd?.pid && asked?.startTicks === glusterd?.startTicks;
    const isAsked = op.kind === 'gluster' || op.kind === 'same-glusterd';
    return isAsked && !isSame ? { kind: 'unsettled', message: 'another process' } : DONE;
  };
  const unused = (): never => {
    throw new Error('not asked for here');
  };
  const link = (node: NodeName): NodeLink => ({
    node,
    observe: () => Promise.resolve(ok(facts(node))),
    perform: (op) => {
      sent.push({ node, op });
      return Promise.resolve(answer({ node, op }) ?? honest({ node, op }));
    },
    lock: unused,
    release: unused,
    moved: unused,
    beginHeal: unused,
    loggedErrors: unused,
    journal: unused,
  });
  const context = contextOf({
    desired: w.desired,
    goal: { plan: unused, blockers: unused, remaining: unused },
    clock: {
      now: () => now,
      sleep: (ms) => {
        now += ms;
        return Promise.resolve();
      },
    },
    emit: () => undefined,
    owner: { transaction: 't', user: 'u', host: 'h', pid: 1, since: '', command: 'apply' },
    links: new Map(w.desired.nodes.map((n) => [n.name, link(n.name)])),
    relink: () => Promise.resolve(undefined),
    signal: new AbortController().signal,
  });
  return { context, sent, waited: () => now };
}

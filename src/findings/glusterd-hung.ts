/** A glusterd that is there and gives no answer. */
import { defineFinding, witness } from './finding.ts';
import { startGlusterd } from './shared/start-glusterd.ts';

export const glusterdHung = defineFinding({
  code: 'glusterd-hung',
  explain: {
    title: 'glusterd hangs',
    meaning:
      'The management daemon of a node runs but gives no answer. ' +
      'Peers go on showing it as connected, and every command elsewhere waits for it until it ' +
      'times out — and may still take effect when it resumes.',
    cause:
      'The process is stopped by a signal, waits for a dead disk or a brick that hangs, ' +
      'or is busy with a long operation.',
    looksAt: 'The time limit on "gluster get-state", and the state of the process in /proc.',
    repair:
      'A frozen one is resumed. One that does not answer and makes no progress for three ' +
      'minutes is ended and started again; its bricks keep running.',
    risk: 'A restart drops what it was doing half way.',
    byHand: [
      'kill -CONT PID, if it is stopped (state T)',
      'else read /proc/PID/stack and the kernel log',
      'as the last resort: systemctl restart glusterd',
    ],
  },
  detect: (view) =>
    view.nodes
      .filter((n) => n.memory.kind === 'hung')
      .map((n) => {
        const process = n.processes.find((p) => p.role === 'glusterd');
        const isStopped = process?.state === 'T';
        return {
          severity: 'error' as const,
          subject: `node/${n.node}`,
          nodes: [n.node],
          message: `glusterd on ${n.node} ${isStopped ? 'is stopped by a signal' : 'hangs'}`,
          evidence: [
            witness(n.node, 'gluster get-state', n.memory.kind === 'up' ? '' : n.memory.detail),
            ...(process === undefined
              ? []
              : [witness(n.node, `/proc/${String(process.pid)}/stat`, `state ${process.state}`)]),
          ],
          remedy: isStopped
            ? `kill -CONT ${String(process.pid)} on ${n.node}`
            : `find out what it waits for; as the last resort, restart glusterd on ${n.node}`,
        };
      }),
  repair: startGlusterd,
});

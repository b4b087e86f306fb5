/** Nodes whose clocks disagree with those of the others. Our own clock is no witness. */
import { defineFinding, witness } from './finding.ts';

/**
 * A slow answer shifts the measurement by up to half of the time that the reading took; a hung glusterd makes
 * that long.
 */
export const SKEW_MAX_MS = 30_000;

export const clockSkew = defineFinding({
  code: 'clock-skew',
  explain: {
    title: 'Clocks differ',
    meaning:
      'The clock of a node is off. Logs cannot be put in order, ' +
      'and healing by change time can choose the wrong copy.',
    cause: 'No time service runs there, or it cannot reach its servers.',
    looksAt: 'The wall clock of each node against the median of all.',
    repair: 'None by this tool.',
    risk: 'A clock set back in one step confuses programs that run.',
    byHand: ['timedatectl status', 'Set up chrony or systemd-timesyncd.'],
  },
  detect(view) {
    const sorted = view.nodes.map((n) => n.clockSkewMs).sort((a, b) => a - b);
    const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
    return view.nodes
      .filter((n) => Math.abs(n.clockSkewMs - median) > SKEW_MAX_MS)
      .map((n) => {
        const seconds = Math.round((n.clockSkewMs - median) / 1000);
        return {
          severity: 'warning' as const,
          subject: `node/${n.node}`,
          nodes: [n.node],
          message:
            `the clock of ${n.node} is ${String(Math.abs(seconds))} s ` +
            `${seconds < 0 ? 'behind' : 'ahead of'} the others`,
          evidence: view.nodes
            .map((other) =>
              witness(
                other.node,
                'date',
                `${((other.clockSkewMs - median) / 1000).toFixed(1)} s from the median of all nodes`,
              ),
            )
            .slice(0, 10),
          remedy: `set up time synchronisation on ${n.node}`,
        };
      });
  },
});

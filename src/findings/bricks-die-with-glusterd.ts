/** A unit that takes every brick of the node along when glusterd stops or crashes. */
import { defineFinding, witness } from './finding.ts';

export const bricksDieWithGlusterd = defineFinding({
  code: 'bricks-die-with-glusterd',
  explain: {
    title: 'Bricks die with glusterd',
    meaning:
      'The systemd unit of glusterd has a KillMode other than "process". ' +
      'When glusterd is stopped, crashes or fails to start, ' +
      'systemd kills every brick and every self-heal daemon of the node with it.',
    cause: "The distribution ships the unit so: Debian's and Ubuntu's has KillMode=control-group.",
    looksAt:
      'KillMode in glusterd.service and its drop-ins, without the one that stands while a transaction runs.',
    repair:
      'None by this tool: the unit is yours. While a transaction runs, ' +
      'a drop-in in /run spares the bricks; afterwards it is gone.',
    risk: 'None: the drop-in takes effect immediately and restarts nothing.',
    byHand: [
      'mkdir -p /etc/systemd/system/glusterd.service.d',
      "printf '[Service]\\nKillMode=process\\n' >/etc/systemd/system/glusterd.service.d/killmode.conf",
      'systemctl daemon-reload',
    ],
  },
  isRisk: true,
  detect(view) {
    const nodes = view.nodes.filter(
      (n) =>
        n.service.manager === 'systemd' &&
        n.daemonConfig.killMode !== undefined &&
        n.daemonConfig.killMode !== 'process',
    );
    if (nodes.length === 0) return [];
    return [
      {
        severity: 'warning',
        subject: 'cluster',
        nodes: nodes.map((n) => n.node),
        message: 'a crash or a stop of glusterd kills the bricks of its node',
        evidence: nodes.map((n) =>
          witness(n.node, 'glusterd.service', `KillMode=${n.daemonConfig.killMode ?? ''}`),
        ),
        remedy: 'a drop-in with KillMode=process: "glusterctl explain bricks-die-with-glusterd"',
      },
    ];
  },
});

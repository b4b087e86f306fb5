/** A brick that listens elsewhere than glusterd says, or than it will say after its next start. */
import { type LocalBrick, servingProcesses, trustedBricks } from '../view/brick.ts';
import { defineFinding, type Found, witness } from './finding.ts';
import { correctPort } from './shared/brick-processes.ts';

export const brickPortMismatch = defineFinding({
  code: 'brick-port-mismatch',
  explain: {
    title: 'A brick listens on another port',
    meaning:
      'glusterd gives clients a port on which the brick does not listen: ' +
      'new clients never reach it, though "volume status" shows it online. ' +
      'Or its brick file holds such a port, and glusterd gives it to clients after its next ' +
      'restart.',
    cause:
      'A brick was started by hand on another port, ' +
      'or glusterd took a volume over from a peer while the brick ran and kept the old port, ' +
      'or 0.',
    looksAt:
      'The port in gluster get-state and listen-port in the brick file, ' +
      'against the ports on which the process listens.',
    repair:
      'If memory is right and the file is not, "volume start VOLUME force" rewrites the file. ' +
      'Else the port of the running process is written to the store while glusterd is stopped; ' +
      'glusterd reads it when it starts. The brick keeps running.',
    risk:
      'None to data. By hand, a restart of the brick is seen by clients and followed by a ' +
      'heal: never restart two bricks of one set together.',
    byHand: [
      'If memory is right and the file is not: gluster volume start VOLUME force rewrites the file.',
      'If memory is wrong: kill (SIGTERM) the brick, then gluster volume start VOLUME force',
    ],
  },
  detect: (view) => trustedBricks(view).flatMap(found),
  repair: correctPort,
});

function found(local: LocalBrick): readonly Found[] {
  const { facts, volume, brick, subject, believed } = local;
  const [process, second] = servingProcesses(local);
  if (volume.status !== 'started' || process === undefined || second !== undefined) return [];
  const { node } = facts;
  const listens = witness(
    node,
    `/proc/${String(process.pid)}`,
    `serves ${brick.path} on port ${process.ports.join(', ')}`,
  );
  const onDisk = witness(
    node,
    `vols/${volume.name}/bricks/${brick.file}`,
    `listen-port=${String(brick.listenPort)}`,
  );
  if (
    believed?.local.status === 'Started' &&
    believed.local.registered &&
    !process.ports.includes(believed.local.port)
  )
    return [
      {
        severity: 'error',
        subject,
        nodes: [node],
        message:
          `glusterd sends clients of brick ${node}:${brick.path} to port ` +
          `${String(believed.local.port)}, where it does not listen`,
        evidence: [
          listens,
          witness(node, 'gluster get-state', `port ${String(believed.local.port)}, Started, registered`),
          onDisk,
        ],
        remedy:
          `"glusterctl recover FILE"; or on ${node} end the brick (SIGTERM), ` +
          `then gluster volume start ${volume.name} force`,
      },
    ];
  if (process.ports.includes(brick.listenPort)) return [];
  return [
    {
      severity: 'warning',
      subject,
      nodes: [node],
      message:
        `after its next restart, glusterd on ${node} would send clients of ${brick.path} to port ` +
        `${String(brick.listenPort)}, where it does not listen`,
      evidence: [listens, onDisk],
      remedy:
        facts.memory.kind === 'up'
          ? `"glusterctl recover FILE"; or "gluster volume start ${volume.name} force" rewrites the ` +
            'port while glusterd still has it right'
          : `"glusterctl recover FILE", before glusterd starts there`,
    },
  ];
}

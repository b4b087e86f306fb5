/**
 * The manual steps after an incomplete rollback: node by node, with commands that kill no brick. Owns those
 * words.
 */
import { failure, type Failure } from '../../core/failure.ts';
import type { RunResult } from '../../model/event.ts';
import { JOURNAL_ROOT } from '../../model/transaction.ts';
import type { Residue } from './residue.ts';

/** `then`: what a person does after the repair. */
export const incompleteFailure = (residue: readonly Residue[], then: string): Failure =>
  failure('rollback-incomplete', 'the rollback is incomplete', {
    details: residue.map((r) => r.what),
    fix: `repair what is named, ${then}`,
  });

export function manualSteps(residue: readonly Residue[], transaction: string): RunResult['owed'] {
  const nodes = [...new Set(residue.map((r) => r.node))];
  return nodes.map((node) => {
    const own = residue.filter((r) => r.node === node);
    const volumes = [...new Set(own.flatMap((r) => r.volume ?? []))];
    return {
      node,
      what: [...new Set(own.map((r) => r.what))].join('; '),
      commands: ['glusterctl recover FILE', ...(volumes.length === 0 ? [] : byHand(volumes, transaction))],
    };
  });
}

/** The drop-in is there for the stop and the start: Debian's unit would end every brick with glusterd. */
const byHand = (volumes: readonly string[], transaction: string): readonly string[] => [
  'or by hand, on that node, while no other node holds a higher version of the volume:',
  'mkdir -p /run/systemd/system/glusterd.service.d',
  "printf '[Service]\\nKillMode=process\\n' >/run/systemd/system/glusterd.service.d/50-glusterctl.conf",
  'systemctl daemon-reload && systemctl stop glusterd',
  ...volumes.map((v) => `tar -xf ${JOURNAL_ROOT}/${transaction}/before.tar -C /var/lib/glusterd ./vols/${v}`),
  'systemctl start glusterd',
  'rm -r /run/systemd/system/glusterd.service.d && systemctl daemon-reload',
];

/**
 * What a person has to do when a rollback could not: node by node, with commands that kill no brick. Owns
 * those words.
 */
import type { RunResult } from '../../model/event.ts';
import type { NodeName } from '../../model/names.ts';
import { JOURNAL_ROOT } from '../../model/transaction.ts';

export interface Residue {
  readonly node: NodeName;
  readonly what: string;
  /** The volume whose files have to be put back on that node; absent: there is nothing to write. */
  readonly volume?: string;
}

export function manualSteps(left: readonly Residue[], transaction: string): RunResult['owed'] {
  const nodes = [...new Set(left.map((l) => l.node))];
  return nodes.map((node) => {
    const own = left.filter((l) => l.node === node);
    const volumes = [...new Set(own.flatMap((l) => l.volume ?? []))];
    return {
      node,
      what: [...new Set(own.map((l) => l.what))].join('; '),
      commands: ['glusterctl recover FILE', ...(volumes.length === 0 ? [] : byHand(volumes, transaction))],
    };
  });
}

/**
 * The drop-in stands around the stop and the start: Debian's unit would take every brick down with glusterd.
 */
const byHand = (volumes: readonly string[], transaction: string): readonly string[] => [
  'or by hand, on that node, while no other node holds a higher version of the volume:',
  'mkdir -p /run/systemd/system/glusterd.service.d',
  "printf '[Service]\\nKillMode=process\\n' >/run/systemd/system/glusterd.service.d/50-glusterctl.conf",
  'systemctl daemon-reload && systemctl stop glusterd',
  ...volumes.map((v) => `tar -xf ${JOURNAL_ROOT}/${transaction}/before.tar -C /var/lib/glusterd ./vols/${v}`),
  'systemctl start glusterd',
  'rm -r /run/systemd/system/glusterd.service.d && systemctl daemon-reload',
];

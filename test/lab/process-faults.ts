/**
 * What can happen to a node's processes and power: hung, slow, killed, stopped, rebooted. Signals go to pids
 * seen in this node only.
 */
import { basename, join } from 'node:path';
import { existsSync, renameSync } from 'node:fs';
import { powerCut, powerOn } from './boot.ts';
import { setCpuLimit, setFrozen } from './cgroup.ts';
import { signal, until } from './host.ts';
import { makeHostKey } from './node-root.ts';
import { hasOption } from './node.ts';
import type { NodeCore, NodeProcess } from './node.ts';
import { scopeName } from './record.ts';

const END_LIMIT_MS = 5_000;
const START_LIMIT_MS = 120_000;

// Tests start it more often in an hour than Debian's unit allows. After a crash the unit waits a minute for
// its own restart, and so does a plain start: only a stop ends that wait.
const START_GLUSTERD = `systemctl reset-failed glusterd
[ "$(systemctl show -p SubState --value glusterd)" != auto-restart ] || systemctl stop glusterd
systemctl start glusterd`;

const RESTART_GLUSTERD = `systemctl reset-failed glusterd
systemctl restart glusterd`;

/** Sorts before the product's own, so that one shows where the other was left behind. */
const SPARING = '/run/systemd/system/glusterd.service.d/10-round.conf';
const SPARE_BRICKS = String.raw`
mkdir -p "$(dirname ${SPARING})"
printf '[Service]\nKillMode=process\n' >${SPARING}
systemctl daemon-reload`;
const SPARE_NO_MORE = `rm -f ${SPARING}
rmdir "$(dirname ${SPARING})" 2>/dev/null
systemctl daemon-reload`;

/** By the service manager, by SIGKILL and a start, or by SIGSEGV and a start. */
export type RestartOf = 'service' | 'kill' | 'crash';

export interface ProcessFaults {
  /** The whole host hangs; its kernel goes on answering the network. */
  freezeHost(): Promise<void>;
  thawHost(): Promise<void>;
  /** Percent of one CPU for the whole host, from now until it is switched off; undefined: all there is. */
  limitCpu(percent: number | undefined): void;
  freezeGlusterd(): void;
  thawGlusterd(): void;
  /**
   * SIGKILL, and gone when this returns. `startGlusterd` is the undo; Debian's unit takes the bricks with it.
   */
  killGlusterd(): Promise<void>;
  /**
   * SIGSEGV, as a fault of its own would. Debian's unit takes the bricks with it, and starts it again after a
   * minute.
   */
  crashGlusterd(): Promise<void>;
  /** By the service manager, which does not start it again. Debian's unit takes the bricks with it. */
  stopGlusterd(): Promise<void>;
  startGlusterd(): Promise<void>;
  restartGlusterd(how: RestartOf): Promise<void>;
  /**
   * Until `spareNoMore` or a reboot, no end of glusterd takes a brick with it: a drop-in of the unit
   * (KillMode=process).
   */
  spareBricks(): Promise<void>;
  spareNoMore(): Promise<void>;
  /** The brick daemons serving exactly this brick, by their pids inside the node. */
  brickPids(path: string): number[];
  /** SIGKILL to the brick's daemon; `gluster volume start V force` is the undo. */
  killBrick(path: string): Promise<void>;
  /** No new ssh connections; those that are there live on. */
  stopSshd(): Promise<void>;
  startSshd(): Promise<void>;
  /** The host shows another key than known_hosts has. Gives the new public key. */
  replaceSshHostKey(): Promise<string>;
  /** Does nothing where the key is the first one. */
  restoreSshHostKey(): Promise<void>;
  /** Power cut: the peers see silence. The disks stay. */
  powerOff(): Promise<void>;
  powerOn(): Promise<void>;
  /** Power cut and boot from the same disks; ready when this returns. */
  hardReboot(): Promise<void>;
}

export function processFaults(node: NodeCore): ProcessFaults {
  const scope = scopeName(node.lab, node.record);
  const keyFile = join(node.root, 'etc/ssh/ssh_host_ed25519_key');
  const glusterds = (): NodeProcess[] =>
    node.processes().filter(({ argv }) => basename(argv[0] ?? '') === 'glusterd');
  const bricks = (path: string): NodeProcess[] =>
    node.processes().filter((process) => hasOption(process, '--brick-name', path));

  async function killAll(
    what: string,
    find: () => NodeProcess[],
    by: NodeJS.Signals = 'SIGKILL',
  ): Promise<void> {
    const found = find();
    if (found.length === 0) throw new Error(`${node.name} has no ${what}`);
    for (const process of found) signal(process, by);
    await until(`${what} of ${node.name} has ended`, node.patience(END_LIMIT_MS), () =>
      found.some(({ pid }) => find().some((left) => left.pid === pid)) ? undefined : true,
    );
  }

  function signalGlusterd(name: NodeJS.Signals): void {
    const found = glusterds();
    if (found.length === 0) throw new Error(`${node.name} has no glusterd`);
    for (const process of found) signal(process, name);
  }

  const killGlusterd = (): Promise<void> => killAll('glusterd', glusterds);
  const crashGlusterd = (): Promise<void> => killAll('glusterd', glusterds, 'SIGSEGV');

  async function systemctl(script: string): Promise<void> {
    await node.run(script, { timeoutMs: START_LIMIT_MS });
  }
  const startGlusterd = (): Promise<void> => systemctl(START_GLUSTERD);

  async function reboot(): Promise<void> {
    await powerCut(node.lab, node.record);
    await powerOn(node.lab, node.record);
    await node.waitReady();
  }

  return {
    freezeHost: () => setFrozen(scope, true),
    thawHost: () => setFrozen(scope, false),
    limitCpu(percent) {
      setCpuLimit(scope, percent);
    },
    freezeGlusterd() {
      signalGlusterd('SIGSTOP');
    },
    thawGlusterd() {
      signalGlusterd('SIGCONT');
    },
    killGlusterd,
    crashGlusterd,
    stopGlusterd: () => systemctl('systemctl stop glusterd'),
    startGlusterd,
    async restartGlusterd(how) {
      if (how === 'service') return systemctl(RESTART_GLUSTERD);
      await (how === 'kill' ? killGlusterd() : crashGlusterd());
      await startGlusterd();
    },
    spareBricks: () => systemctl(SPARE_BRICKS),
    spareNoMore: () => systemctl(SPARE_NO_MORE),
    brickPids: (path) => bricks(path).map(({ innerPid }) => innerPid),
    killBrick: (path) => killAll(`daemon for brick ${path}`, () => bricks(path)),
    async stopSshd() {
      await node.run(['systemctl', 'stop', 'ssh']);
    },
    async startSshd() {
      await node.run('systemctl reset-failed ssh; systemctl start ssh');
    },
    async replaceSshHostKey() {
      if (!existsSync(`${keyFile}.lab`)) {
        renameSync(keyFile, `${keyFile}.lab`);
        renameSync(`${keyFile}.pub`, `${keyFile}.pub.lab`);
      }
      const key = await makeHostKey(node.root);
      await node.run(['systemctl', 'restart', 'ssh']);
      return key;
    },
    async restoreSshHostKey() {
      if (!existsSync(`${keyFile}.lab`)) return;
      renameSync(`${keyFile}.lab`, keyFile);
      renameSync(`${keyFile}.pub.lab`, `${keyFile}.pub`);
      await node.run(['systemctl', 'restart', 'ssh']);
    },
    powerOff: () => powerCut(node.lab, node.record),
    async powerOn() {
      await powerOn(node.lab, node.record);
      await node.waitReady();
    },
    hardReboot: reboot,
  };
}

/**
 * Start, stop, delete, set and reset of a volume: what each phase checks, and what a failure leaves behind.
 * Owns the order of memory and disk in each.
 */
import { localBricks, selfHeal, startBricks, stopBricks, VOLUME_ID } from './brick.ts';
import { deleteVolumeStore, storeOptions, storeVolume, writeVolfiles } from './daemon-store.ts';
import { isOption, valueProblem } from './options.ts';
import type { Member, Operation } from './operation.ts';
import { crashGlusterd } from './service.ts';
import { isMovedHere, placeFiles } from './rebalance.ts';
import type { Volume } from './world.ts';

/** glusterd waits so long for a self-heal daemon to start or to end, with its big lock held. */
const SELF_HEAL_MS = 1000;
const CRASH_MIN_MS = 100;
const CRASH_MAX_MS = 900;

const missing = (name: string): string => `Volume ${name} does not exist`;

/** The volume as this member has it; the change is refused where it is not there or is being replaced. */
function withVolume(
  name: string,
  act: (on: Member, volume: Volume) => string | undefined | Promise<string | undefined>,
) {
  return (on: Member): string | undefined | Promise<string | undefined> => {
    const volume = on.daemon.volumes.get(name);
    return volume === undefined ? missing(name) : act(on, volume);
  };
}

/** The counter goes up in memory before the file is written, so a failed write leaves the two apart. */
function bumpAndStore({ node, daemon }: Member, volume: Volume): string | undefined {
  if (daemon.importing.has(volume.name)) return '';
  volume.version += 1;
  return storeVolume(node, daemon, volume) === undefined ? undefined : '';
}

export function startOperation(name: string, force: boolean): Operation {
  return {
    volume: name,
    framework: 'mgmt-v3',
    stage: withVolume(name, (on, volume) => stageStart(on, volume, force)),
    commit: withVolume(name, async (on, volume) => {
      const { world, node, daemon } = on;
      const fresh = volume.status !== 1;
      if (daemon.importing.has(name)) return '';
      // A client mounts it, and the root gets its layout.
      if (volume.status === 0) placeFiles(node, volume);
      volume.status = 1;
      const healed = [...node.processes.values()].some((p) => p.role === 'self-heal');
      startBricks(world, node, daemon, volume);
      if (fresh) volume.version += 1;
      if (storeVolume(node, daemon, volume) !== undefined) return '';
      await world.clock.pause(volume.type === 0 || healed ? 30 : SELF_HEAL_MS);
      return undefined;
    }),
  };
}

function stageStart(on: Member, volume: Volume, force: boolean): string | undefined {
  if (!force && volume.status === 1) return `Volume ${volume.name} already started`;
  for (const brick of localBricks(on.node, volume)) {
    const at = on.node.disk.entries.get(brick.path);
    if (at === undefined) {
      if (force) continue;
      return (
        `Failed to find brick directory ${brick.path} for volume ${volume.name}. ` +
        'Reason : No such file or directory'
      );
    }
    const id = at.xattrs.get(VOLUME_ID);
    if (id === volume.id) continue;
    if (id !== undefined)
      return (
        `Volume id mismatch for brick ${brick.hostname}:${brick.path}. ` +
        `Expected volume id ${volume.id}, volume id ${id} found`
      );
    if (!force)
      return (
        `Failed to get extended attribute trusted.glusterfs.volume-id for brick dir ${brick.path}. ` +
        'Reason : No data available'
      );
    // The trap of `start force`: any directory at that path is stamped.
    on.node.disk.setXattr(brick.path, VOLUME_ID, volume.id);
  }
  return undefined;
}

export function stopOperation(name: string, force: boolean): Operation {
  return {
    volume: name,
    framework: 'mgmt-v3',
    stage: withVolume(name, ({ node }, volume) => {
      if (isMovedHere(node, name)) return `rebalance session is in progress for the volume '${name}'`;
      return force || volume.status === 1 ? undefined : `Volume ${name} is not in the started state`;
    }),
    commit: withVolume(name, async (on, volume) => {
      const { world, node, daemon } = on;
      if (daemon.importing.has(name)) return '';
      const ran = volume.status === 1 && volume.type !== 0;
      stopBricks(world, node, volume);
      await world.clock.pause(ran ? SELF_HEAL_MS : 20);
      if (node.daemon !== daemon) return '';
      volume.status = 2;
      const stored = bumpAndStore(on, volume);
      if (stored === undefined) selfHeal(world, node, daemon);
      return stored;
    }),
  };
}

export function deleteOperation(name: string): Operation {
  return {
    volume: name,
    framework: 'synctask',
    stage: withVolume(name, ({ daemon }, volume) => {
      if (volume.status === 1)
        return `Volume ${name} has been started.Volume needs to be stopped before deletion.`;
      return [...daemon.peers.values()].every((p) => p.connected) ? undefined : 'Some of the peers are down';
    }),
    commit: withVolume(name, ({ world, node, daemon }, volume) => {
      if (daemon.importing.has(name) || deleteVolumeStore(node, volume) !== undefined) return '';
      daemon.volumes.delete(name);
      // The task that attaches self-heal daemons holds the volume that is freed here: SIGSEGV within a second
      // (seen on 10.3).
      if (world.clock.now() < (daemon.attach?.overAt ?? 0))
        world.clock.after(world.random.int(CRASH_MIN_MS, CRASH_MAX_MS), () => {
          if (node.daemon === daemon) crashGlusterd(world, node);
        });
      return undefined;
    }),
  };
}

export function setOperation(name: string, pairs: readonly (readonly [string, string])[]): Operation {
  const wrong = (): string | undefined => {
    for (const [option, value] of pairs) {
      if (!isOption(option)) return `option : ${option} does not exist\nDid you mean nfs.acl or ...drc?`;
      const problem = valueProblem(option, value);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
  return changeOptions(name, wrong, (options) => {
    const fresh = pairs.filter(([option]) => !options.has(option));
    for (const [option, value] of pairs) if (options.has(option)) options.set(option, value);
    // glusterd writes the options that are new, the last first, before the earlier ones.
    const before = [...options];
    options.clear();
    for (const [option, value] of [...fresh.toReversed(), ...before]) options.set(option, value);
    return true;
  });
}

export function resetOperation(name: string, option: string | undefined): Operation {
  const wrong = (): string | undefined =>
    option === undefined || (isOption(option) && !option.startsWith('user.'))
      ? undefined
      : `Option ${option} does not exist\nDid you mean nfs.acl or ...drc?`;
  const kept = [
    'nfs.disable',
    'transport.address-family',
    'storage.fips-mode-rchecksum',
    'cluster.granular-entry-heal',
    'performance.client-io-threads',
  ];
  return changeOptions(name, wrong, (options) => {
    const gone = option === undefined ? [...options.keys()].filter((o) => !kept.includes(o)) : [option];
    return gone.filter((o) => options.delete(o)).length > 0;
  });
}

/** Volfiles come first: where they cannot be written, memory stays as it was. */
function changeOptions(
  name: string,
  wrong: () => string | undefined,
  change: (options: Map<string, string>) => boolean,
): Operation {
  return {
    volume: name,
    framework: 'synctask',
    stage: withVolume(name, wrong),
    commit: withVolume(name, (on, volume) => {
      const options = new Map(volume.options);
      const isChanged = change(options);
      if (on.daemon.importing.has(name) || writeVolfiles(on.node, { ...volume, options }) !== undefined)
        return '';
      if (!isChanged) return undefined;
      volume.options.clear();
      for (const [key, value] of options) volume.options.set(key, value);
      return bumpAndStore(on, volume);
    }),
  };
}

/** `volume set all`: options of the cluster, with a counter of their own. */
export function globalOperation(act: (options: Map<string, string>) => void): Operation {
  return {
    volume: undefined,
    framework: 'synctask',
    stage: () => undefined,
    commit({ node, daemon }) {
      act(daemon.options);
      daemon.optionVersion += 1;
      return storeOptions(node, daemon) === undefined ? undefined : '';
    },
  };
}

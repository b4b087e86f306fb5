/**
 * A brick launched as glusterd would launch it, so that it recognises the process. Owns those words, and when
 * it would not recognise it.
 */
import { xxh64 } from '../core/xxh64.ts';
import type { StoreBrick } from '../model/observed.ts';
import type { BrickLaunch } from '../model/op.ts';
import type { LocalBrick } from '../view/brick.ts';
import { whyPortNotTaken } from '../view/ports.ts';
import { dashed, glusterdArgv, pidFilePath, stateOf } from '../view/view.ts';

/** Options of glusterd.vol that change how bricks are started. */
const START_OPTIONS = [
  'run-with-valgrind',
  'transport\\.socket\\.bind-address',
  'transport\\.address-family',
  'run-directory',
];
const START_OPTION = new RegExp(`^\\s*option\\s+(${START_OPTIONS.join('|')})\\s`, 'm');

/**
 * Why glusterd would not recognise a brick launched by us: its memory must hold the port, and each of these
 * adds words to argv that only glusterd knows. Undefined: it would.
 */
export function whyNotLaunched({ facts, volume, believed }: LocalBrick): string | undefined {
  const state = stateOf(facts);
  if (state === undefined) return 'glusterd does not answer';
  if (believed === undefined || believed.local.port === 0) return 'glusterd holds no port for it';
  const notTaken = whyPortNotTaken(facts, believed.local.port);
  if (notTaken !== undefined) return notTaken;
  if (isOn(state.globalOptions.get('cluster.brick-multiplex'))) return 'brick multiplexing is on';
  const added = ['cluster.localtime-logging', 'config.global-threading', 'config.memory-accounting'].find(
    (key) => isOn(state.globalOptions.get(key)) || isOn(volume.options.get(key)),
  );
  if (added !== undefined) return `${added} is on`;
  if (START_OPTION.test(facts.daemonConfig.raw)) return 'glusterd.vol changes how bricks are started';
  const daemon = facts.processes.find((p) => p.role === 'glusterd');
  if (daemon?.argv.some((w) => /^--(io-engine|logger|mem-accounting)/.test(w)) === true)
    return 'glusterd runs with options that bricks inherit';
  return undefined;
}

const isOn = (value: string | undefined): boolean => /^(on|yes|true|enable|1)$/i.test(value ?? 'off');

/**
 * The socket on which glusterd reaches the brick: it never recognises a process that listens on another one
 * (facts of 10.x).
 */
export const brickSocket = (
  volume: string,
  { hostname, path }: Pick<StoreBrick, 'hostname' | 'path'>,
): string =>
  `/var/run/gluster/${xxh64(`/var/run/gluster/vols/${volume}/run/${hostname}-${dashed(path)}`)}.socket`;

/** glusterd_volume_start_glusterfs of 10.x, word for word in its order. */
export function launchOf({ facts, volume, brick, believed }: LocalBrick): BrickLaunch {
  const port = String(believed?.local.port ?? 0);
  const pidFile = pidFilePath(volume.name, brick.hostname, brick.path);
  const socket = brickSocket(volume.name, brick);
  const daemon = glusterdArgv(facts)[0] ?? '/usr/sbin/glusterd';
  return {
    program: daemon.startsWith('/') ? daemon.replace(/glusterd$/, 'glusterfsd') : '/usr/sbin/glusterfsd',
    argv: [
      '-s',
      brick.hostname,
      '--volfile-id',
      `${volume.name}.${brick.hostname}.${dashed(brick.path)}`,
      '-p',
      pidFile,
      '-S',
      socket,
      '--brick-name',
      brick.path,
      '-l',
      `/var/log/glusterfs/bricks/${dashed(brick.path)}.log`,
      '--xlator-option',
      `*-posix.glusterd-uuid=${facts.store.uuid ?? ''}`,
      '--process-name',
      'brick',
      '--brick-port',
      port,
      '--xlator-option',
      `${volume.name}-server.listen-port=${port}`,
    ],
    brickPath: brick.path,
    volumeId: volume.id,
    mountPoint: facts.paths.get(brick.path)?.mountPoint ?? '/',
    pidFile,
    socket,
  };
}

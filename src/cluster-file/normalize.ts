/**
 * A cluster file without mistakes → `Desired`: defaults filled in, names branded, paths made absolute.
 * Checks nothing.
 */
import type { LineCounter } from 'yaml';
import { invariant } from '../core/invariant.ts';
import type {
  Brick,
  Desired,
  DesiredNode,
  DesiredVolume,
  Layout,
  Position,
  SshSettings,
} from '../model/desired.ts';
import { brickPath, nodeName, volumeName } from '../model/names.ts';
import type { ClusterFile } from './schema.ts';
import type { Written, WrittenBrick, WrittenVolume } from './written.ts';

export interface Surroundings {
  /** Absolute; what `~` stands for. */
  readonly home: string;
  /** Absolute; relative paths in the file start here. */
  readonly directory: string;
  /** From the command line, paths already absolute; they win over everything in the file. */
  readonly flags?: Partial<SshSettings>;
}

type WrittenSshSettings = ClusterFile['ssh'];
type VolumeInFile = NonNullable<ClusterFile['volumes']>[string];

interface Sound {
  readonly file: ClusterFile;
  readonly written: Written;
}

export function normalize(sound: Sound, lines: LineCounter, name: string, around: Surroundings): Desired {
  const { file, written } = sound;
  const place = (at: number): Position => {
    const { line, col } = lines.linePos(at);
    return { file: name, line, column: col };
  };
  return {
    cluster: file.cluster,
    nodes: [
      ...written.nodes.map(({ name: { value }, address, absent, replaces }): DesiredNode => {
        const ssh = sshSettings(file.ssh, file.nodes?.[value]?.ssh, around);
        const node = { name: nodeName(value), address: address.value, ssh };
        if (replaces?.value === value) return { ...node, isNewMachine: true };
        return absent ? { ...node, isAbsent: true } : node;
      }),
      ...replaced(written, sshSettings(file.ssh, undefined, around)),
    ],
    volumes: written.volumes.map((volume) => {
      const inFile = file.volumes?.[volume.name.value];
      invariant(inFile, 'a volume that was read is in the file');
      return normalizeVolume(volume, inFile, place);
    }),
    policy: {
      unmanagedVolumes: file.policy?.unmanagedVolumes ?? 'ignore',
      allowBricksOnRootPartition: file.policy?.allowBricksOnRootPartition ?? false,
    },
  };
}

/** Nodes that others come in the place of: the file has nothing else of them. */
const replaced = ({ nodes }: Written, ssh: SshSettings): readonly DesiredNode[] =>
  nodes.flatMap(({ name, replaces }) =>
    replaces === undefined || replaces.value === name.value
      ? []
      : {
          name: nodeName(replaces.value),
          address: replaces.value,
          ssh,
          isAbsent: true,
          replacedBy: nodeName(name.value),
        },
  );

function sshSettings(file: WrittenSshSettings, node: WrittenSshSettings, around: Surroundings): SshSettings {
  const merged = { ...file, ...node };
  const path = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : absolute(text, around);
  return {
    user: merged.user,
    port: merged.port,
    identityFile: path(merged.identityFile),
    knownHostsFile: path(merged.knownHostsFile),
    strictHostKeyChecking: merged.strictHostKeyChecking,
    become: merged.become ?? false,
    becomePasswordFile: path(merged.becomePasswordFile),
    proxyJump: merged.proxyJump,
    connectTimeoutSeconds: merged.connectTimeoutSeconds,
    configFile: merged.configFile === 'none' ? 'none' : path(merged.configFile),
    ...definedOnly(around.flags ?? {}),
  };
}

/** A flag that was not given must not erase what the file says. */
const definedOnly = (flags: Partial<SshSettings>): Partial<SshSettings> =>
  Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));

function absolute(text: string, { home, directory }: Surroundings): string {
  if (text === '~') return home;
  if (text.startsWith('~/')) return cleaned(`${home}/${text.slice(2)}`);
  return cleaned(text.startsWith('/') ? text : `${directory}/${text}`);
}

/** Without `.`, `..` and doubled slashes. */
function cleaned(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

function normalizeVolume(
  volume: WrittenVolume,
  inFile: VolumeInFile,
  place: (at: number) => Position,
): DesiredVolume {
  const { options } = volume;
  return {
    name: volumeName(volume.name.value),
    state: inFile.state ?? 'started',
    layout: layoutOf(volume),
    transport: inFile.transport ?? 'tcp',
    bricks: volume.bricks.map(brick),
    options: new Map(options.map((option) => [option.name, option.value])),
    optionsMode: inFile.optionsMode ?? 'merge',
    rebalance: inFile.rebalance ?? 'auto',
    protect: inFile.protect ?? false,
    position: place(volume.name.at),
    optionPositions: new Map(options.map((option) => [option.name, place(option.keyAt)])),
  };
}

const brick = ({ node, brickPath: path }: WrittenBrick): Brick => ({
  node: nodeName(node),
  path: brickPath(path),
});

/** The numbers of an absent volume were not checked against each other; any valid layout will do. */
function layoutOf({ replica, arbiter, disperse, redundancy }: WrittenVolume): Layout {
  if (replica !== undefined) {
    const arbitrated = replica.value === 3 && arbiter?.value === 1;
    return { kind: 'replicate', replica: replica.value, arbiter: arbitrated ? 1 : 0 };
  }
  if (disperse !== undefined && redundancy !== undefined)
    return { kind: 'disperse', disperse: disperse.value, redundancy: redundancy.value };
  return { kind: 'distribute' };
}

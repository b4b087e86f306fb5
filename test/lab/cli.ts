/** `npm run lab --`: the lab for people. Parses words, prints lines; everything else is the library's. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { takeDown } from './cleanup.ts';
import { labOpen, labUp, missingRequirements, starterFile } from './lab.ts';
import type { Lab, LabNode } from './lab.ts';
import type { RestartOf } from './process-faults.ts';
import { labNames, readLab } from './record.ts';

const USAGE = `npm run lab -- up N [--name NAME] [--clients N] [--bricks N] [--fs tmpfs|xfs] [--cpu PERCENT]
           down [NAME…|--all]
           list
           ssh [--lab NAME] NODE [COMMAND…]
           pool [--lab NAME]           probe all nodes into one pool
           reset [--lab NAME]          heal all faults, empty glusterd and the bricks
           fault [--lab NAME] NODE FAULT [VALUE]

faults, each with its undo:
`;

type Fault = (node: LabNode, value: string, lab: Lab) => unknown;

const FAULTS: Readonly<Record<string, Fault>> = {
  partition: (node) => node.partition(),
  heal: (node) => node.heal(),
  'isolate-from': (node, other, lab) => node.isolateFrom(lab.node(other)),
  rejoin: (node, other, lab) => node.rejoin(lab.node(other)),
  'block-port': (node, port) => node.blockPort(Number(port)),
  'unblock-port': (node, port) => node.unblockPort(Number(port)),
  'freeze-host': (node) => node.freezeHost(),
  'thaw-host': (node) => node.thawHost(),
  'limit-cpu': (node, percent) => {
    node.limitCpu(Number(percent));
  },
  'unlimit-cpu': (node) => {
    node.limitCpu(undefined);
  },
  'freeze-glusterd': (node) => {
    node.freezeGlusterd();
  },
  'thaw-glusterd': (node) => {
    node.thawGlusterd();
  },
  'kill-glusterd': (node) => node.killGlusterd(),
  'crash-glusterd': (node) => node.crashGlusterd(),
  'stop-glusterd': (node) => node.stopGlusterd(),
  'start-glusterd': (node) => node.startGlusterd(),
  'restart-glusterd': (node, how) => node.restartGlusterd(restartOf(how)),
  'spare-bricks': (node) => node.spareBricks(),
  'spare-no-more': (node) => node.spareNoMore(),
  'kill-brick': (node, path) => node.killBrick(path),
  'fill-disk': (node, path) => node.fillDisk(path === '' ? '/' : path),
  'free-disk': (node, path) => node.freeDisk(path === '' ? '/' : path),
  immutable: (node, path) => node.immutable(path),
  mutable: (node, path) => node.mutable(path),
  'freeze-store': (node) => node.freezeStore(),
  'thaw-store': (node) => node.thawStore(),
  'disable-program': (node, path) => node.disableProgram(path),
  'enable-program': (node, path) => node.enableProgram(path),
  'umount-brick': (node, n) => node.umountBrick(Number(n)),
  'mount-brick': (node, n) => node.mountBrick(Number(n)),
  'stop-sshd': (node) => node.stopSshd(),
  'start-sshd': (node) => node.startSshd(),
  'replace-host-key': (node) => node.replaceSshHostKey(),
  'restore-host-key': (node) => node.restoreSshHostKey(),
  'power-off': (node) => node.powerOff(),
  'power-on': (node) => node.powerOn(),
  'hard-reboot': (node) => node.hardReboot(),
};

function restartOf(how: string): RestartOf {
  if (how === '' || how === 'service') return 'service';
  if (how === 'kill' || how === 'crash') return how;
  throw new Error(`restart by what? service, kill or crash, not ${how}`);
}

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

/** The lab that was named, or the only one there is. */
function pick(name: string | undefined): Lab {
  const names = labNames();
  const [only, ...more] = names;
  if (name !== undefined) return labOpen(name);
  if (only === undefined) throw new Error('no lab is up');
  if (more.length > 0) throw new Error(`which lab? --lab ${names.join(' | --lab ')}`);
  return labOpen(only);
}

async function up(words: readonly string[]): Promise<void> {
  const options = {
    name: { type: 'string' },
    clients: { type: 'string', default: '0' },
    bricks: { type: 'string', default: '3' },
    fs: { type: 'string', default: 'tmpfs' },
    cpu: { type: 'string' },
  } as const;
  const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
  const missing = missingRequirements();
  if (missing.length > 0) throw new Error(`this machine lacks: ${missing.join(', ')}`);
  const lab = await labUp({
    ...(values.name === undefined ? {} : { name: values.name }),
    nodes: Number(positionals[0] ?? 3),
    clients: Number(values.clients),
    bricksPerNode: Number(values.bricks),
    brickFs: values.fs === 'xfs' ? 'xfs' : 'tmpfs',
    ...(values.cpu === undefined ? {} : { cpuPercent: Number(values.cpu) }),
    keep: true,
  });
  writeFileSync(starterFile(lab), `${lab.clusterFileHead()}volumes: {}\n`);
  print(`lab ${lab.name}`);
  for (const node of [...lab.nodes, ...lab.clients]) print(`  ${node.name}  ${node.ip}`);
  print(`cluster file  ${starterFile(lab)}`);
  print(`ssh           ssh -i ${lab.sshKeyFile} -o UserKnownHostsFile=${lab.knownHostsFile} root@IP`);
  print(`or            npm run lab -- ssh node01`);
}

/** Without a name: the only lab that was made by hand; what a test run owns is its own to end. */
async function down(words: readonly string[]): Promise<void> {
  const names = labNames();
  const byHand = names.filter((name) => readLab(name)?.keep === true);
  const alone = words.length === 0 && byHand.length <= 1;
  const wanted = words.includes('--all') ? names : alone ? byHand : words;
  if (words.length === 0 && !alone) throw new Error(`which lab? --all | ${byHand.join(' | ')}`);
  for (const name of wanted) await takeDown(name);
}

function list(): void {
  for (const name of labNames()) {
    const lab = labOpen(name);
    const nodes = [...lab.nodes, ...lab.clients].map(
      (node) => `${node.name}=${node.isOn() ? node.ip : 'off'}`,
    );
    print([name, lab.dir, ...nodes].join('  '));
  }
}

/** `--lab NAME` in front, the rest as it is: a command may have options of its own. */
function split(words: readonly string[]): { lab: Lab; rest: readonly string[] } {
  const named = words[0] === '--lab';
  return { lab: pick(named ? words[1] : undefined), rest: named ? words.slice(2) : words };
}

function ssh(words: readonly string[]): void {
  const { lab, rest } = split(words);
  const [name = 'node01', ...command] = rest;
  const shell = command.length === 0 ? ['bash', '-l'] : ['sh', '-c', command.join(' ')];
  const [program = '', ...args] = [
    ...lab.node(name).enter(),
    `TERM=${process.env['TERM'] ?? 'dumb'}`,
    ...shell,
  ];
  process.exitCode = spawnSync(program, args, { stdio: 'inherit' }).status ?? 1;
}

async function fault(words: readonly string[]): Promise<void> {
  const { lab, rest } = split(words);
  const [name = '', what = '', value = ''] = rest;
  const inject = FAULTS[what];
  if (inject === undefined) throw new Error(`no fault ${what}; there are: ${Object.keys(FAULTS).join(' ')}`);
  await inject(lab.node(name), value, lab);
}

async function main([command, ...words]: readonly string[]): Promise<void> {
  switch (command) {
    case 'up':
      return up(words);
    case 'down':
      return down(words);
    case 'list':
      list();
      return;
    case 'ssh':
      ssh(words);
      return;
    case 'fault':
      return fault(words);
    case 'pool':
      return split(words).lab.formPool();
    case 'reset':
      return split(words).lab.resetGluster();
    default:
      print(`${USAGE}  ${Object.keys(FAULTS).join(' ')}`);
      process.exitCode = command === undefined || command === 'help' ? 0 : 2;
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

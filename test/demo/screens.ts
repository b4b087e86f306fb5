/**
 * `npx tsx test/demo/screens.ts`: the pictures of docs/screens, of what the program prints in a terminal of
 * 80 columns (tmux) on a lab of its own.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, until } from '../lab/host.ts';
import { labUp, type Lab } from '../lab/lab.ts';
import { svgOf } from './svg.ts';

const COLUMNS = 80;
const ROWS = 90;
const LIMIT_MS = 180_000;
const BIN = fileURLToPath(new URL('../../bin/glusterctl.js', import.meta.url));
const OUT = fileURLToPath(new URL('../../docs/screens', import.meta.url));
const END = '-- end of the screen --';

interface Scene {
  readonly name: string;
  readonly command: string;
  /** What has happened before. */
  readonly before?: (lab: Lab) => Promise<unknown>;
}

const SCENES: readonly Scene[] = [
  { name: 'apply', command: 'glusterctl apply cluster.yaml --yes' },
  { name: 'status', command: 'glusterctl status cluster.yaml' },
  { name: 'plan', command: 'glusterctl plan next.yaml' },
  {
    name: 'doctor',
    command: 'glusterctl doctor cluster.yaml',
    before: (lab) => editByHand(lab),
  },
  { name: 'recover', command: 'glusterctl recover cluster.yaml --yes' },
];

/** One store is edited while its glusterd is down, and the bricks go on. */
const editByHand = (lab: Lab): Promise<unknown> =>
  lab
    .node('node03')
    .run(
      'mkdir -p /run/systemd/system/glusterd.service.d; cd /run/systemd/system/glusterd.service.d; ' +
        'printf "[Service]\\nKillMode=process\\n" >lab.conf; systemctl daemon-reload; ' +
        'systemctl stop glusterd; ' +
        'sed -i s/network.ping-timeout=21/network.ping-timeout=60/ /var/lib/glusterd/vols/data/info; ' +
        'systemctl start glusterd; sleep 5',
    );

const volume = (name: string, options: string): string =>
  `  ${name}:\n    replica: 3\n    bricks: ` +
  `[${['node01', 'node02', 'node03'].map((n) => `${n}:/bricks/d1/${name}`).join(', ')}]\n` +
  `    options: { ${options} }\n`;

/** What a terminal shows after the command, with its colours. */
async function screenOf(lab: Lab, command: string): Promise<string> {
  const tmux = (...words: readonly string[]): ReturnType<typeof run> =>
    run(['tmux', '-L', lab.name, '-f', '/dev/null', ...words]);
  const script = `glusterctl() { ${process.execPath} ${BIN} "$@"; }; ${command}; echo "${END}"; sleep 1000`;
  const size = ['-x', String(COLUMNS), '-y', String(ROWS)];
  await tmux('new-session', '-d', '-s', 'screen', '-c', lab.dir, ...size, script);
  try {
    const screen = await until(`the end of "${command}"`, LIMIT_MS, async () => {
      const { stdout } = await tmux('capture-pane', '-e', '-p', '-t', 'screen');
      return stdout.includes(END) ? stdout : undefined;
    });
    return `\u001b[1m$ ${command}\u001b[0m\n${screen.slice(0, screen.indexOf(END))}`;
  } finally {
    await tmux('kill-server');
  }
}

await using lab = await labUp({ name: 'screens', nodes: 3 });
await lab.formPool();
const first = 'network.ping-timeout: 21, performance.cache-size: 64MB';
const then = 'network.ping-timeout: 30, performance.cache-size: 64MB';
const write = (name: string, volumes: string): void => {
  writeFileSync(join(lab.dir, name), `${lab.clusterFileHead()}volumes:\n${volumes}`);
};
write('cluster.yaml', volume('data', first));
write('next.yaml', volume('data', then) + volume('scratch', 'auth.allow: 10.77.*'));
mkdirSync(OUT, { recursive: true });
for (const { name, command, before } of SCENES) {
  await before?.(lab);
  writeFileSync(join(OUT, `${name}.svg`), svgOf(await screenOf(lab, command), COLUMNS));
}

/**
 * Real nodes as an admin reaches them: behind a bastion, by `~/.ssh/config` alone, with a key that only the
 * agent has, as a user who becomes root by the distribution's sudo. The cluster file says nothing about SSH.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Admin, adminAtHome } from './admin.ts';
import { type Ran, replica3 } from './cluster.ts';
import { run } from './host.ts';
import type { Lab, LabNode } from './lab.ts';
import { describeLab, withLab } from './suite.ts';

const PASSWORD = `S3cret. "pass" 'word'`;
const OTHER_KEYS = 7;
const SHELLS = '/bin/sh, /usr/bin/sh';

/** As docs/ssh.md has them. */
const FREE = `admin ALL=(root) NOPASSWD: ${SHELLS}`;
const ASKS = `admin ALL=(root) ${SHELLS}`;

const PLAYBOOK = '/usr/bin/ansible-playbook';
const ANSIBLE = {
  isHere: existsSync(PLAYBOOK),
  title:
    'the same inventory: ansible-playbook sees what glusterctl applied' +
    (existsSync(PLAYBOOK) ? '' : ' (skipped: no ansible-playbook here)'),
};

const NEEDED = [['sudo', '/usr/bin/sudo']] as const;

describeLab(
  'nodes behind a bastion, by ssh_config alone',
  () => {
    let lab: Lab;
    let admin: Admin;
    let bastion: LabNode;
    let knownHosts: string;

    withLab({ nodes: 3, clients: 1 }, (up) => {
      lab = up;
      bastion = up.node('c1');
    });

    beforeAll(async () => {
      admin = await adminAtHome();
      const others = [];
      for (let i = 0; i < OTHER_KEYS; i++) others.push(await admin.makeKey(`other${String(i)}`));
      const key = await admin.makeKey('right');
      await admin.hold(...others.map((each) => each.private), key.private);
      rmSync(key.private);
      await addUser(bastion, 'hop', key.public);
      await Promise.all(
        lab.nodes.map(async (node) => {
          await addUser(node, 'admin', key.public);
          await node.run(['chpasswd'], { input: `admin:${PASSWORD}\n` });
          await sudoers(node, FREE);
          await node.run(['nft', '-f', '-'], { input: onlyFrom(bastion) });
        }),
      );
      writeHome();
    });
    afterAll(async () => {
      await admin[Symbol.asyncDispose]();
    });

    /** The whole of what is said about SSH, in the words of ssh_config. */
    function writeHome(): void {
      const hosts = lab.nodes.map(({ name, ip }) => `Host ${name}\n  HostName ${ip}\n`);
      admin.write(
        '.ssh/config',
        [
          ...hosts,
          'Host node*\n  User admin\n  ProxyJump door\n',
          `Host door\n  HostName ${bastion.ip}\n  User hop\n  HostKeyAlias the-door\n`,
          'Host *\n  IdentityFile ~/.ssh/right\n  IdentitiesOnly yes\n  HashKnownHosts yes\n',
        ].join(''),
      );
      knownHosts = readFileSync(lab.knownHostsFile, 'utf8').replace(`c1,${bastion.ip}`, 'the-door');
    }

    /** Hashed, as a distribution's ssh writes them. */
    async function remember(lines: string): Promise<void> {
      const file = admin.write('.ssh/known_hosts', lines);
      await run(['ssh-keygen', '-q', '-H', '-f', file], { allowFailure: true });
      rmSync(`${file}.old`, { force: true });
    }

    const clusterFile = (volumes: string): string =>
      admin.write(
        'cluster.yaml',
        `cluster: home\nnodes: { node01: {}, node02: {}, node03: {} }\nvolumes:\n${volumes}\n`,
      );

    /** How often somebody has logged in at the bastion. */
    const logins = async (): Promise<number> => {
      const { stdout } = await bastion.run('journalctl -q -o cat -u ssh');
      return stdout.split('Accepted publickey for hop').length - 1;
    };

    const succeeded = (ran: Ran): Ran => {
      expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 });
      return ran;
    };

    it('from here there is no way to a node but the bastion', async () => {
      await remember(knownHosts);
      const direct = await admin.command(['ssh', '-J', 'none', '-o', 'ConnectTimeout=1', 'node01', 'true']);
      expect(direct.code).toBe(255);
      succeeded(await admin.command(['ssh', 'node01', 'true']));
    });

    it('plan and apply work, with one login at the bastion each', async () => {
      await remember(knownHosts);
      await lab.formPool();
      const file = clusterFile(replica3('data'));
      for (const words of [
        ['plan', file, '--become'],
        ['apply', file, '--become', '--yes'],
      ]) {
        const before = await logins();
        succeeded(await admin.glusterctl(...words));
        expect(await logins()).toBe(before + 1);
      }
      expect((await admin.glusterctl('plan', file, '--become', '--detailed-exitcode')).code).toBe(0);
    });

    it(ANSIBLE.title, { skip: !ANSIBLE.isHere }, async () => {
      await remember(knownHosts);
      admin.write(
        'hosts.ini',
        [
          '[gluster]\nnode[01:03]',
          '[gluster:vars]\nansible_become=true\nansible_python_interpreter=/usr/bin/python3\n',
        ].join('\n\n'),
      );
      admin.write(
        'options.yaml',
        [
          '- hosts: gluster',
          '  gather_facts: false',
          '  tasks:',
          '    - command: gluster --mode=script volume get data network.ping-timeout',
          '      register: got',
          '    - assert: { that: "\'33\' in got.stdout" }',
          '',
        ].join('\n'),
      );
      const inventory = 'inventory: { file: hosts.ini, group: gluster }';
      const volumes = replica3('data', '    options: { network.ping-timeout: 33 }\n');
      const file = admin.write('ansible.yaml', `cluster: home\n${inventory}\nvolumes:\n${volumes}\n`);
      succeeded(await admin.glusterctl('apply', file, '--yes'));
      const playbook = succeeded(
        await admin.command([
          ...['env', 'ANSIBLE_SSH_ARGS=-o ControlMaster=no', 'ANSIBLE_PIPELINING=1'],
          ...['ansible-playbook', '-i', 'hosts.ini', 'options.yaml'],
        ]),
      );
      expect(playbook.stdout.match(/unreachable=0 +failed=0/g), playbook.stdout).toHaveLength(3);
    });

    it('where some nodes ask for a password, it goes to those alone, and is left nowhere', async () => {
      for (const name of ['node02', 'node03']) await sudoers(lab.node(name), ASKS);
      const file = clusterFile(replica3('data', '    options: { network.ping-timeout: 21 }\n'));
      const password = admin.write('password', `${PASSWORD}\n`);
      const log = admin.path('log');
      const flags = ['--become', '--yes', '--become-password-file', password, '-v', '--log-file', log];
      const ran = succeeded(await admin.glusterctl('apply', file, ...flags));
      for (const said of [ran.stderr, readFileSync(log, 'utf8')]) {
        expect(said).toMatch(/ node0\d gluster --mode=script volume set data \S+ 21 \d\.\d\d s ok/);
        expect(said).not.toContain('S3cret');
      }
      for (const node of lab.nodes) {
        const { stdout } = await node.run(
          'journalctl -q -o cat; cat /var/log/glusterfs/*.log; cat /var/lib/glusterctl/*/*/*',
        );
        expect(stdout).toContain('glusterctl');
        expect(stdout).not.toContain('S3cret');
      }
    });

    interface Refusal {
      readonly what: string;
      readonly sudoers?: string;
      readonly password?: string;
      readonly hosts?: (lines: string) => string;
      readonly code: string;
      readonly says: readonly RegExp[];
    }

    const REFUSALS: readonly Refusal[] = [
      {
        what: 'sudo asks, and nobody can be asked',
        sudoers: ASKS,
        code: 'sudo-password-needed',
        says: [
          /sudo asks for the password of admin on 10\.77/,
          /--ask-become-pass/,
          /--become-password-file/,
        ],
      },
      {
        what: 'a wrong password',
        sudoers: ASKS,
        password: 'wrong',
        code: 'sudo-password-wrong',
        says: [/sudo does not take the password of admin/, /tried once/],
      },
      {
        what: 'sudoers that allow something else',
        sudoers: 'admin ALL=(root) /usr/bin/true',
        password: PASSWORD,
        code: 'sudo-not-allowed',
        says: [/the sudoers of 10\.77\S+ do not let admin run a shell as root/, /visudo/],
      },
      {
        what: 'sudoers that do not know the user',
        sudoers: '# nobody',
        password: PASSWORD,
        code: 'sudo-not-allowed',
        says: [/the sudoers of 10\.77\S+ do not let admin run a shell as root/, /visudo/],
      },
      {
        what: 'requiretty',
        sudoers: `Defaults requiretty\n${FREE}`,
        code: 'sudo-needs-tty',
        says: [/requiretty/, /Defaults:admin !requiretty/],
      },
    ];

    it.each(REFUSALS)('$what: $code, exit code 7', async ({ sudoers: text = FREE, password, code, says }) => {
      for (const node of lab.nodes) await sudoers(node, node.name === 'node02' ? text : FREE);
      await remember(knownHosts);
      const given =
        password === undefined ? [] : ['--become-password-file', admin.write('password', `${password}\n`)];
      const ran = await admin.glusterctl(
        'plan',
        clusterFile(replica3('data')),
        '--become',
        '--no-input',
        ...given,
      );
      expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 7 });
      expect(ran.stderr).toContain(`[${code}]`);
      for (const words of says) expect(oneLine(ran.stderr)).toMatch(words);
      expect(ran.stderr).toContain('node02');
      expect(ran.stderr).not.toMatch(/node01|node03/);
    });

    const keyOf = (name: string): string =>
      new RegExp(`^${name}\\S* (.*)$`, 'm').exec(knownHosts)?.[1] ?? 'no key';
    const with02 = (line: string): string => knownHosts.replace(/^node02.*$/m, line);

    it.each<readonly [what: string, lines: () => string, code: string, says: RegExp]>([
      [
        'a key of node02 that is revoked',
        () => `@revoked * ${keyOf('node02')}\n${knownHosts}`,
        'host-key-changed',
        /is revoked by \S+known_hosts:1/,
      ],
      [
        'a certificate authority for all hosts, and nothing else on record for node02',
        () => with02(`@cert-authority * ${keyOf('node01')}`),
        'host-key-unknown',
        /known_hosts:\d+ is a @cert-authority; .*host certificates are not supported/,
      ],
    ])('%s: refused, and why', async (_what, lines, code, says) => {
      await remember(lines());
      const ran = await admin.glusterctl('plan', clusterFile(replica3('data')), '--become');
      expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 7 });
      expect(ran.stderr).toContain(`[${code}]`);
      expect(oneLine(ran.stderr)).toMatch(says);
      expect(ran.stderr).toContain('node02');
      expect(ran.stderr).not.toMatch(/error: .*node0[13]/);
    });

    it('a changed key of the bastion: said once for all nodes, and nobody logs in', async () => {
      const other = lab.node('node01').ip;
      const key = knownHosts.split('\n').find((line) => line.includes(other)) ?? '';
      await remember(knownHosts.replace(/^the-door .*$/m, key.replace(/^\S+/, 'the-door')));
      const before = await logins();
      const ran = await admin.glusterctl('plan', clusterFile(replica3('data')), '--become');
      expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 7 });
      const said = oneLine(ran.stderr);
      expect(said.split('[host-key-changed]')).toHaveLength(2);
      expect(said).toMatch(/the host key of the-door is not the one in \S+known_hosts:\d+, the jump host/);
      expect(said).toMatch(/node01, node02,? and node03|node01, node02, node03/);
      expect(await logins()).toBe(before);
    });

    it('an agent without the right key: what it offered, and no second try', async () => {
      await remember(knownHosts);
      await admin.hold();
      await admin.hold(...Array.from({ length: OTHER_KEYS }, (_, i) => admin.path(`.ssh/other${String(i)}`)));
      const config = readFileSync(admin.path('.ssh/config'), 'utf8');
      admin.write('.ssh/config', config.replace(/.*(IdentityFile|IdentitiesOnly).*\n/g, ''));
      const ran = await admin.glusterctl('plan', clusterFile(replica3('data')), '--become');
      admin.write('.ssh/config', config);
      expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 7 });
      expect(oneLine(ran.stderr)).toMatch(/too many authentication failures.*offered 7 keys.*IdentityFile/i);
    });
  },
  NEEDED,
);

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

async function addUser(node: LabNode, name: string, key: string): Promise<void> {
  const script = 'mkdir -p /home; useradd -m -s /bin/sh "$1"; install -d -m 700 -o "$1" "/home/$1/.ssh"';
  await node.run(['sh', '-euc', script, 'sh', name]);
  const write = 'f=/home/$1/.ssh/authorized_keys; cat >"$f"; chown "$1" "$f"; chmod 600 "$f"';
  await node.run(['sh', '-euc', write, 'sh', name], { input: key });
}

const sudoers = async (node: LabNode, text: string): Promise<void> => {
  await node.run(['sh', '-euc', 'umask 337; cat >/etc/sudoers.d/lab; visudo -cq'], { input: `${text}\n` });
};

/** sshd answers this host and no other. */
const onlyFrom = ({ ip }: LabNode): string => `
table inet door {
  chain in {
    type filter hook input priority 0;
    ip saddr != ${ip} tcp dport 22 drop
  }
}
`;

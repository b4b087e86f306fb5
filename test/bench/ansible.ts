/**
 * The competitor: ansible-playbook with the gluster collection, installed where it is missing, and tuned as
 * its manual advises.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../lab/host.ts';
import type { Lab } from '../lab/lab.ts';
import type { Command } from './contest.ts';

const PLAYBOOK = '/usr/bin/ansible-playbook';
const INSTALL_LIMIT_MS = 600_000;

export async function ensureAnsible(say: (line: string) => void): Promise<void> {
  if (existsSync(PLAYBOOK)) return;
  say('installing the Debian package ansible, the competitor of rows 2 and 3');
  const env = ['env', 'DEBIAN_FRONTEND=noninteractive'];
  await run([...env, 'apt-get', 'update', '-qq'], { timeoutMs: INSTALL_LIMIT_MS });
  const install = ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'ansible'];
  await run([...env, ...install], { timeoutMs: INSTALL_LIMIT_MS });
}

export interface Ansible {
  /**
   * Ends the connection kept from the run before, so that each run logs in again, as every other contender
   * does.
   */
  forget(): Promise<void>;
  playbook(text: string, flags?: readonly string[]): Command;
}

/**
 * Pipelining, a connection kept within the run, facts not gathered, no search for an interpreter, forks for
 * all nodes. Host keys are checked.
 */
export function ansibleFor(lab: Lab, dir: string): Ansible {
  const sockets = join(dir, 'cp');
  const common = `-o UserKnownHostsFile=${lab.knownHostsFile} -o StrictHostKeyChecking=yes`;
  const config = join(dir, 'ansible.cfg');
  const file = join(dir, 'playbook.yaml');
  const hosts = lab.nodes.map((node) => `${node.name} ansible_host=${node.ip}`);
  writeFileSync(join(dir, 'inventory'), `[gluster]\n${hosts.join('\n')}\n`);
  writeFileSync(
    config,
    `[defaults]
inventory = ${join(dir, 'inventory')}
remote_user = root
private_key_file = ${lab.sshKeyFile}
interpreter_python = /usr/bin/python3
gathering = explicit
forks = 50
host_key_checking = True
deprecation_warnings = False
local_tmp = ${join(dir, 'local')}
[ssh_connection]
pipelining = True
control_path_dir = ${sockets}
ssh_args = -o ControlMaster=auto -o ControlPersist=60s ${common}
`,
  );
  const env = { ANSIBLE_CONFIG: config };
  return {
    async forget() {
      const script =
        'for s in "$1"/*; do [ -S "$s" ] && ssh -S "$s" -O exit none; done 2>/dev/null; rm -rf "$1"';
      await run(['sh', '-c', script, 'sh', sockets]);
    },
    playbook(text, flags = []) {
      writeFileSync(file, text);
      return { argv: [PLAYBOOK, file, ...flags], output: join(dir, 'ansible.out'), env };
    },
  };
}

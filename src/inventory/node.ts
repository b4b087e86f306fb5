/**
 * A host's variables as a node of the cluster file. Owns which variables are read; refuses one whose value
 * only Ansible knows, and a host that is not reached by SSH.
 */
import type { NodeElsewhere } from '../cluster-file/inventory.ts';
import { type Content, type Place, resolvedElsewhere, type Variables } from './content.ts';
import { readSshArgs, type SshArgs } from './ssh-args.ts';

export interface InventoryNode extends NodeElsewhere {
  readonly at: Place;
}

const TRUE: readonly unknown[] = ['y', 'yes', 'on', '1', 'true', 't'];
const FALSE: readonly unknown[] = ['n', 'no', 'off', '0', 'false', 'f'];

/** What changes how a host is reached in a way that is not read. */
const UNREAD: readonly string[] = ['ansible_ssh_args', 'ansible_ssh_executable'];
/** What must have the value that it has here too. */
const FIXED: Readonly<Record<string, readonly string[]>> = {
  ansible_connection: ['ssh', 'smart', 'paramiko', 'paramiko_ssh'],
  ansible_become_method: ['sudo', 'ansible.builtin.sudo'],
  ansible_become_user: ['root'],
};

/** Undefined where something was refused. */
export function nodeOfHost(
  host: string,
  variables: Variables,
  nameVariable: string,
  content: Content,
): InventoryNode | undefined {
  const before = content.mistakes.length;
  const at = content.hosts.get(host)?.at ?? { file: '', line: 1, column: 1 };
  const all = new Map(variables).set('inventory_hostname', { value: host, at });
  const read = (...names: readonly string[]): Said | undefined => lastOf(names, all, content);
  refuseOthers(all, read, content);
  const name = read(nameVariable)?.text;
  if (name === undefined && content.mistakes.length === before)
    content.refuse(at, `host "${host}" has no variable "${nameVariable}", which is to be its name`);
  const address = read('inventory_hostname', 'ansible_host', 'ansible_ssh_host')?.text ?? host;
  const user = read('ansible_user', 'ansible_ssh_user')?.text;
  const port = portOf(read('ansible_port', 'ansible_ssh_port'), content);
  const become = flagOf(read('ansible_become'), content);
  const identityFile = pathOf(read('ansible_private_key_file', 'ansible_ssh_private_key_file'), content);
  const ssh = {
    ...argsOf(read('ansible_ssh_extra_args'), content),
    ...argsOf(read('ansible_ssh_common_args'), content),
    ...(user !== undefined && { user }),
    ...(port !== undefined && { port }),
    ...(become !== undefined && { become }),
    ...(identityFile !== undefined && { identityFile }),
  };
  return content.mistakes.length > before || name === undefined ? undefined : { name, address, ssh, at };
}

/** A variable that has a value. */
interface Said {
  readonly name: string;
  readonly text: string;
  readonly at: Place;
}

/** The last of these variables that has one. */
function lastOf(names: readonly string[], variables: Variables, content: Content): Said | undefined {
  const name = names.findLast((n) => variables.has(n) && variables.get(n)?.value !== null);
  const found = name === undefined ? undefined : variables.get(name);
  if (name === undefined || found === undefined) return undefined;
  if (found.value !== undefined) return { name, text: String(found.value), at: found.at };
  content.refuse(
    found.at,
    `${name} has a value that only Ansible knows; ${resolvedElsewhere(found.at.file)}`,
  );
  return undefined;
}

const refuse = (said: Said, why: string, content: Content): void => {
  content.refuse(said.at, `${said.name} ${why}`);
};

function portOf(said: Said | undefined, content: Content): number | undefined {
  if (said === undefined) return undefined;
  if (/^[1-9]\d{0,4}$/.test(said.text) && Number(said.text) <= 65535) return Number(said.text);
  refuse(said, `is ${JSON.stringify(said.text)}, which is no port`, content);
  return undefined;
}

function flagOf(said: Said | undefined, content: Content): boolean | undefined {
  const word = said?.text.toLowerCase();
  if (said === undefined || word === undefined) return undefined;
  if (TRUE.includes(word)) return true;
  if (!FALSE.includes(word))
    refuse(said, `is ${JSON.stringify(said.text)}, which is neither yes nor no`, content);
  return false;
}

const isWhole = (path: string): boolean => path.startsWith('/') || path.startsWith('~/');

function pathOf(said: Said | undefined, content: Content): string | undefined {
  if (said !== undefined && !isWhole(said.text))
    refuse(
      said,
      `is relative, and nothing says to what: write ${JSON.stringify(said.text)} in full`,
      content,
    );
  return said?.text;
}

function argsOf(said: Said | undefined, content: Content): SshArgs {
  if (said === undefined) return {};
  const { args, warnings, problem } = readSshArgs(said.text);
  for (const warning of warnings) content.warn(said.at, `${said.name}: ${warning}`);
  const relative = [args.configFile, args.identityFile, args.knownHostsFile].find(
    (file) => file !== undefined && file !== 'none' && !isWhole(file),
  );
  if (problem !== undefined) refuse(said, problem, content);
  else if (relative !== undefined)
    refuse(said, `has the relative path ${JSON.stringify(relative)}; write it in full`, content);
  return args;
}

function refuseOthers(
  variables: Variables,
  read: (name: string) => Said | undefined,
  content: Content,
): void {
  for (const name of UNREAD) {
    const found = variables.get(name);
    if (found !== undefined) content.refuse(found.at, `${name} is not read; use ansible_ssh_common_args`);
  }
  for (const [name, allowed] of Object.entries(FIXED)) {
    const said = read(name);
    if (said !== undefined && !allowed.includes(said.text))
      refuse(
        said,
        `is ${JSON.stringify(said.text)}: a node is reached by SSH, and becomes root by sudo`,
        content,
      );
  }
}

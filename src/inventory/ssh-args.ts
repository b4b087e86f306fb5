/**
 * The words of `ansible_ssh_common_args` and `ansible_ssh_extra_args` as settings. Owns which of ssh's flags
 * are read; refuses every other, for it could lead to another host.
 */
import { wordsOf } from './words.ts';

export interface SshArgs {
  readonly proxyJump?: string;
  readonly configFile?: string;
  readonly identityFile?: string;
  readonly knownHostsFile?: string;
  readonly strictHostKeyChecking?: 'yes' | 'accept-new';
}

export interface ReadArgs {
  readonly args: SshArgs;
  readonly warnings: readonly string[];
  readonly problem?: string;
}

const READ =
  'read are -J, -F, -i, and -o with ProxyJump, ProxyCommand, UserKnownHostsFile, StrictHostKeyChecking ' +
  'and IdentitiesOnly; all else can stand in an ssh_config';

export function readSshArgs(text: string): ReadArgs {
  const words = wordsOf(text, false);
  if ('problem' in words) return { args: {}, warnings: [], problem: words.problem };
  let args: SshArgs = {};
  const warnings: string[] = [];
  const waiting = words.map((w) => w.text);
  for (let word = waiting.shift(); word !== undefined; word = waiting.shift()) {
    const [, flag = '', joined = ''] = /^-([JFio])(.*)$/s.exec(word) ?? [];
    if (flag === '') return { args, warnings, problem: `has "${word}": ${READ}` };
    const value = joined === '' ? waiting.shift() : joined;
    if (value === undefined) return { args, warnings, problem: `ends with -${flag}` };
    const read = flag === 'o' ? readOption(value) : { found: FLAGS[flag]?.(value) ?? {} };
    if ('problem' in read) return { args, warnings, problem: read.problem };
    // As ssh has it, the first to say something wins.
    args = { ...read.found, ...args };
    if (read.warning !== undefined) warnings.push(read.warning);
  }
  return { args, warnings };
}

const jump = (hosts: string): SshArgs => (hosts === 'none' ? {} : { proxyJump: hosts });
const FLAGS: Readonly<Record<string, (value: string) => SshArgs>> = {
  J: jump,
  F: (file) => ({ configFile: file }),
  i: (file) => ({ identityFile: file }),
};

interface Found {
  readonly found: SshArgs;
  readonly warning?: string;
}

function readOption(text: string): Found | { readonly problem: string } {
  const [, name = '', value = ''] = /^\s*([A-Za-z]+)\s*[=\s]\s*(.*?)\s*$/s.exec(text) ?? [];
  switch (name.toLowerCase()) {
    case 'proxyjump':
      return { found: jump(value) };
    case 'proxycommand':
      return readProxyCommand(value);
    case 'userknownhostsfile':
      return /\s/.test(value)
        ? { problem: 'names several files of known hosts; name one' }
        : { found: { knownHostsFile: value } };
    case 'stricthostkeychecking':
      return readStrict(value.toLowerCase());
    case 'identitiesonly':
      return value.toLowerCase() === 'no'
        ? { found: {}, warning: 'IdentitiesOnly=no is ignored: with a key that is named, no other is tried' }
        : { found: {} };
    default:
      return { problem: `has "-o ${text}": ${READ}` };
  }
}

/** The one command that is a jump by another name: it needs no shell. */
function readProxyCommand(value: string): Found | { readonly problem: string } {
  if (value === 'none') return { found: {} };
  const [, before = '', after = ''] = /^ssh\s+(.*?)-W\s+\[?%h\]?:%p\s*(.*)$/s.exec(value) ?? [];
  const words = `${before} ${after}`.split(/\s+/).filter((w) => w !== '' && w !== '-q');
  const port = words[0] === '-p' ? words[1] : undefined;
  const [host, ...more] = port === undefined ? words : words.slice(2);
  if (host === undefined || host.startsWith('-') || more.length > 0 || /[^\w@.:-]/.test(host))
    return { problem: 'has a ProxyCommand, which is not run; write -J HOST, or put it into an ssh_config' };
  return { found: { proxyJump: port === undefined ? host : `${host}:${port}` } };
}

function readStrict(value: string): Found | { readonly problem: string } {
  if (value === 'yes' || value === 'ask') return { found: { strictHostKeyChecking: 'yes' } };
  if (value === 'accept-new') return { found: { strictHostKeyChecking: 'accept-new' } };
  if (value === 'no' || value === 'off')
    return {
      found: { strictHostKeyChecking: 'yes' },
      warning: `StrictHostKeyChecking=${value} is not done: an unknown host key is refused`,
    };
  return { problem: `has StrictHostKeyChecking=${value}, which is no value of it` };
}

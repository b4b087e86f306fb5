/**
 * Decides whether a node's host key is the right one, and records a new one where the user allows it. Accepts
 * no key without a line in known_hosts, and never a changed one.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { failure, type Failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import { quote } from '../core/shell.ts';
import {
  fingerprint,
  hashedHost,
  hostEntry,
  judge,
  keyType,
  knownTypes,
  parseKnownHosts,
  relevantKeys,
  type HostKeyVerdict,
  type KnownKey,
} from './known-hosts.ts';
import type { KnownHostsSettings } from './route.ts';
import { errorCode, inWords, type Target } from './target.ts';

/** Parsed files, cached while they do not change: thirty nodes share one. */
export class KnownHostsFiles {
  /** Where ssh_config names none. */
  readonly #shared: readonly string[];

  constructor(shared: readonly string[] = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']) {
    this.#shared = shared;
  }

  /** Of all files of the host: a key on record, or revoked, in any of them is. */
  readAll({ files, shared, revoked }: KnownHostsSettings): readonly KnownKey[] {
    return [
      ...[...files, ...(shared ?? this.#shared)].flatMap((each) => this.read(each)),
      ...revoked.flatMap(revokedIn),
    ];
  }

  readonly #parsed = new Map<string, { readonly stamp: string; readonly keys: readonly KnownKey[] }>();

  /** Throws what the file system throws, except that a missing file is an empty one. */
  read(path: string): readonly KnownKey[] {
    try {
      const { ino, size, mtimeNs } = statSync(path, { bigint: true });
      const stamp = [ino, size, mtimeNs].join(' ');
      const cached = this.#parsed.get(path);
      if (cached?.stamp === stamp) return cached.keys;
      const keys = parseKnownHosts(readFileSync(path, 'utf8'), path);
      this.#parsed.set(path, { stamp, keys });
      return keys;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    }
  }
}

const KRL_MAGIC = 'SSHKRL';

/** As OpenSSH does: a list that cannot be read revokes every key, so it throws. */
function revokedIn(path: string): readonly KnownKey[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`RevokedHostKeys ${path}: ${inWords(error)}`, { cause: error });
  }
  if (text.startsWith(KRL_MAGIC))
    throw new Error(`RevokedHostKeys ${path} is a binary list (KRL), which glusterctl does not read`);
  const lines = text.split('\n').map((line) => (/^\s*(#|$)/.test(line) ? '' : `@revoked * ${line.trim()}`));
  const keys = parseKnownHosts(lines.join('\n'), path);
  if (keys.length < lines.filter((line) => line !== '').length)
    throw new Error(`RevokedHostKeys ${path} has a line that is no public key`);
  return keys;
}

/**
 * The check of one connection. An accepted key is final: a later key exchange must show the same one.
 */
export class HostKeyCheck {
  readonly #target: Target;
  readonly #files: KnownHostsFiles;
  readonly #keys: readonly KnownKey[];
  #accepted: Buffer | undefined;
  #refusal: Failure | undefined;
  #toRecord: Buffer | undefined;

  private constructor(target: Target, files: KnownHostsFiles, keys: readonly KnownKey[]) {
    this.#target = target;
    this.#files = files;
    this.#keys = keys;
  }

  static open(target: Target, files: KnownHostsFiles): Result<HostKeyCheck, Failure> {
    const { knownHosts } = target.route;
    try {
      const keys = relevantKeys(files.readAll(knownHosts), knownHosts.name, knownHosts.port);
      return ok(new HostKeyCheck(target, files, keys));
    } catch (error) {
      return err(
        failure(
          'host-key-unknown',
          `cannot read ${[...knownHosts.files, ...knownHosts.revoked].join(' or ')}`,
          {
            node: target.node,
            cause: inWords(error),
            fix: 'make the file readable, or name another one as knownHostsFile',
          },
        ),
      );
    }
  }

  get refusal(): Failure | undefined {
    return this.#refusal;
  }

  get knownTypes(): ReadonlySet<string> {
    const { name, port } = this.#target.route.knownHosts;
    return knownTypes(this.#keys, name, port);
  }

  /**
   * Called with the key before it has signed anything. True only for a key on record, or a new one that may
   * be recorded.
   */
  verify(key: Buffer): boolean {
    if (this.#accepted !== undefined) {
      if (this.#accepted.equals(key)) return true;
      this.#refusal = changedMidway(this.#target, key);
      return false;
    }
    const verdict = this.#judge(this.#keys, key);
    this.#refusal = refusalFor(verdict, this.#target, key, this.#keys);
    if (this.#refusal !== undefined) return false;
    this.#accepted = Buffer.from(key);
    if (verdict.kind === 'unknown') this.#toRecord = this.#accepted;
    return true;
  }

  /**
   * Called when the key has signed the handshake. Records a new key and returns its fingerprint. It reads the
   * file again first, and in one go: another connection may have recorded a different key meanwhile.
   */
  record(): Result<string | undefined, Failure> {
    const key = this.#toRecord;
    if (key === undefined) return ok(undefined);
    this.#toRecord = undefined;
    const { knownHosts } = this.#target.route;
    const { name, port, isHashed } = knownHosts;
    const file = recordFile(this.#target);
    if (file === undefined) return err(nowhereToRecord(this.#target));
    try {
      const verdict = this.#judge(this.#files.readAll(knownHosts), key);
      const refusal = refusalFor(verdict, this.#target, key, this.#keys);
      if (refusal !== undefined) return err(refusal);
      if (verdict.kind === 'known') return ok(undefined);
      appendLine(file, entryLine(hostEntry(name, port), key, isHashed));
      return ok(fingerprint(key));
    } catch (error) {
      return err(
        failure('host-key-unknown', `cannot record the host key in ${file}`, {
          node: this.#target.node,
          cause: inWords(error),
          fix: 'make the file writable: with accept-new every new key must be recorded',
        }),
      );
    }
  }

  #judge(keys: readonly KnownKey[], key: Buffer): HostKeyVerdict {
    const { name, port } = this.#target.route.knownHosts;
    return judge(keys, name, port, key);
  }
}

const recordFile = ({ route }: Target): string | undefined => route.knownHosts.files[0];

const nowhereToRecord = ({ node }: Target): Failure =>
  failure('host-key-unknown', 'there is no file to record the host key in', {
    node,
    cause: 'ssh_config says UserKnownHostsFile none',
    fix: 'name a knownHostsFile: with accept-new every new key must be recorded',
  });

function refusalFor(
  verdict: HostKeyVerdict,
  target: Target,
  key: Buffer,
  keys: readonly KnownKey[],
): Failure | undefined {
  const { name, port, checking } = target.route.knownHosts;
  const host = hostEntry(name, port);
  const offered = `${keyType(key) ?? 'unreadable'} ${fingerprint(key)}`;
  if (verdict.kind === 'known') return undefined;
  if (verdict.kind === 'unknown') {
    const authority = keys.find((each) => each.marker === 'cert-authority');
    if (authority !== undefined) return onlyByAuthority(authority, target, offered);
    return checking === 'accept-new' ? undefined : notOnRecord(target, host, offered);
  }
  const where = `${verdict.by.file}:${String(verdict.by.line)}`;
  if (verdict.kind === 'revoked') {
    return failure('host-key-changed', `the host key of ${host} is revoked by ${where}`, {
      node: target.node,
      cause: `it offers ${offered}`,
      fix: 'do not connect before it is known why a revoked key is in use there',
    });
  }
  return failure('host-key-changed', `the host key of ${host} is not the one in ${where}`, {
    node: target.node,
    cause: `on record: ${verdict.by.type} ${verdict.recorded}; it offers ${offered}`,
    fix:
      'this may be another machine. If it was reinstalled on purpose: ' +
      `ssh-keygen -f ${quote(verdict.by.file)} -R ${quote(host)}, ` +
      'then add the new key after checking its fingerprint on the node',
  });
}

function notOnRecord(target: Target, host: string, offered: string): Failure {
  const { knownHosts, hostName, port, unsupported } = target.route;
  const file = recordFile(target);
  const missing = file === undefined || existsSync(file) ? '' : `${file}: no such file; `;
  const unused = unsupported.includes('KnownHostsCommand')
    ? '; ssh_config names KnownHostsCommand, which glusterctl does not support'
    : '';
  const scan = `ssh-keyscan -p ${String(port)} ${quote(hostName)}`;
  // What is scanned is on record under the name of the host, which need not be the one that is searched.
  const renamed = knownHosts.name === hostName ? scan : `${scan} | sed ${quote(`s/^[^ ]*/${host}/`)}`;
  return failure('host-key-unknown', `the host key of ${host} is not in ${knownHosts.files.join(' or ')}`, {
    node: target.node,
    cause: `${missing}it offers ${offered}${unused}`,
    fix:
      `check that fingerprint on the node itself, then: ${renamed} >> ${quote(file ?? 'known_hosts')} ` +
      '(or set strictHostKeyChecking: accept-new)',
  });
}

/** A new key is not recorded either: the authority, and not the first login, is what the user trusts. */
const onlyByAuthority = (authority: KnownKey, target: Target, offered: string): Failure =>
  failure(
    'host-key-unknown',
    `the host key of ${target.route.knownHosts.name} is on record by a certificate authority only`,
    {
      node: target.node,
      cause: `${authority.file}:${String(authority.line)} is a @cert-authority; it offers ${offered}`,
      fix:
        'host certificates are not supported: compare that fingerprint with the one on the node, ' +
        `then add the key itself to ${recordFile(target) ?? 'a known_hosts file'}`,
    },
  );

const changedMidway = (target: Target, key: Buffer): Failure =>
  failure('host-key-changed', `${target.route.hostName} changed its host key during the connection`, {
    node: target.node,
    cause: `it now offers ${fingerprint(key)}`,
  });

function entryLine(host: string, key: Buffer, isHashed: boolean): string {
  if (!/^[\w.:[\]%-]+$/.test(host))
    throw new Error(`${JSON.stringify(host)} cannot be written into known_hosts`);
  const name = isHashed ? hashedHost(host, randomBytes(20)) : host;
  return `${name} ${keyType(key) ?? ''} ${key.toString('base64')}\n`;
}

/** One appending write, so that programs which append at the same time do not mix their lines. */
function appendLine(path: string, line: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const fd = openSync(path, 'a+', 0o600);
  try {
    const { size } = fstatSync(fd);
    const last = Buffer.alloc(1);
    if (size > 0) readSync(fd, last, 0, 1, size - 1);
    const text = size > 0 && last.toString() !== '\n' ? `\n${line}` : line;
    const bytes = Buffer.from(text);
    if (writeSync(fd, bytes) !== bytes.length) throw new Error('the line was written in part only');
  } finally {
    closeSync(fd);
  }
}

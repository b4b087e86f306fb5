/**
 * Decides whether a node's host key is the right one, and records a new one where the user allows it. Accepts
 * no key without a line in known_hosts, and never a changed one.
 */
import {
  closeSync,
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
  hostEntry,
  judge,
  keyType,
  knownTypes,
  parseKnownHosts,
  relevantKeys,
  type HostKeyVerdict,
  type KnownKey,
} from './known-hosts.ts';
import { errorCode, inWords, type Target } from './target.ts';

/** Parsed files, cached while they do not change: thirty nodes share one. */
export class KnownHostsFiles {
  /** For all users of this machine; read as well, and never written. */
  readonly #shared: readonly string[];

  constructor(shared: readonly string[] = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']) {
    this.#shared = shared;
  }

  /** Of that file, and of those for all users: a key on record, or revoked, in any of them is. */
  readAll(path: string): readonly KnownKey[] {
    return [path, ...this.#shared].flatMap((each) => this.read(each));
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
    try {
      const keys = relevantKeys(files.readAll(target.ssh.knownHostsFile), target.address, target.ssh.port);
      return ok(new HostKeyCheck(target, files, keys));
    } catch (error) {
      return err(
        failure('host-key-unknown', `cannot read ${target.ssh.knownHostsFile}`, {
          node: target.node,
          cause: inWords(error),
          fix: 'make the file readable, or name another one as knownHostsFile',
        }),
      );
    }
  }

  get refusal(): Failure | undefined {
    return this.#refusal;
  }

  get knownTypes(): ReadonlySet<string> {
    return knownTypes(this.#keys, this.#target.address, this.#target.ssh.port);
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
    const { knownHostsFile, port } = this.#target.ssh;
    try {
      const verdict = this.#judge(this.#files.readAll(knownHostsFile), key);
      const refusal = refusalFor(verdict, this.#target, key, this.#keys);
      if (refusal !== undefined) return err(refusal);
      if (verdict.kind === 'known') return ok(undefined);
      appendLine(knownHostsFile, entryLine(hostEntry(this.#target.address, port), key));
      return ok(fingerprint(key));
    } catch (error) {
      return err(
        failure('host-key-unknown', `cannot record the host key in ${knownHostsFile}`, {
          node: this.#target.node,
          cause: inWords(error),
          fix: 'make the file writable: with accept-new every new key must be recorded',
        }),
      );
    }
  }

  #judge(keys: readonly KnownKey[], key: Buffer): HostKeyVerdict {
    return judge(keys, this.#target.address, this.#target.ssh.port, key);
  }
}

function refusalFor(
  verdict: HostKeyVerdict,
  target: Target,
  key: Buffer,
  keys: readonly KnownKey[],
): Failure | undefined {
  const { knownHostsFile, port, strictHostKeyChecking } = target.ssh;
  const host = hostEntry(target.address, port);
  const offered = `${keyType(key) ?? 'unreadable'} ${fingerprint(key)}`;
  if (verdict.kind === 'known') return undefined;
  if (verdict.kind === 'unknown') {
    const authority = keys.find((each) => each.marker === 'cert-authority');
    if (authority !== undefined) return onlyByAuthority(authority, target, offered);
    if (strictHostKeyChecking === 'accept-new') return undefined;
    return failure('host-key-unknown', `the host key of ${host} is not in ${knownHostsFile}`, {
      node: target.node,
      cause: `it offers ${offered}`,
      fix:
        'check that fingerprint on the node itself, then: ' +
        `ssh-keyscan -p ${String(port)} ${quote(target.address)} >> ${quote(knownHostsFile)} ` +
        '(or set strictHostKeyChecking: accept-new)',
    });
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

/** A new key is not recorded either: the authority, and not the first login, is what the user trusts. */
const onlyByAuthority = (authority: KnownKey, target: Target, offered: string): Failure =>
  failure(
    'host-key-unknown',
    `the host key of ${target.address} is on record by a certificate authority only`,
    {
      node: target.node,
      cause: `${authority.file}:${String(authority.line)} is a @cert-authority; it offers ${offered}`,
      fix:
        'host certificates are not supported: compare that fingerprint with the one on the node, ' +
        `then add the key itself to ${target.ssh.knownHostsFile}`,
    },
  );

const changedMidway = (target: Target, key: Buffer): Failure =>
  failure('host-key-changed', `${target.address} changed its host key during the connection`, {
    node: target.node,
    cause: `it now offers ${fingerprint(key)}`,
  });

function entryLine(host: string, key: Buffer): string {
  if (!/^[\w.:[\]%-]+$/.test(host))
    throw new Error(`${JSON.stringify(host)} cannot be written into known_hosts`);
  return `${host} ${keyType(key) ?? ''} ${key.toString('base64')}\n`;
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

/**
 * Reads known_hosts text as OpenSSH does, and judges one host key. Pure. Never guesses: a line that cannot be
 * parsed proves nothing, and a host with keys on record is never "unknown".
 */
import { createHash, createHmac } from 'node:crypto';

export interface KnownKey {
  readonly file: string;
  /** 1-based line in the file. */
  readonly line: number;
  readonly marker: 'none' | 'revoked' | 'cert-authority';
  /** The first field as written: a comma list of patterns, or one hashed name. */
  readonly hosts: string;
  readonly type: string;
  readonly blob: Buffer;
}

export type HostKeyVerdict =
  | { readonly kind: 'known' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'changed'; readonly by: KnownKey; readonly recorded: string }
  | { readonly kind: 'revoked'; readonly by: KnownKey };

const MARKERS = new Map([
  ['@revoked', 'revoked'],
  ['@cert-authority', 'cert-authority'],
] as const);
const DEFAULT_PORT = 22;

export function parseKnownHosts(text: string, file: string): readonly KnownKey[] {
  return text.split('\n').flatMap((line, index) => {
    const key = parseLine(line.trim(), file, index + 1);
    return key === undefined ? [] : [key];
  });
}

function parseLine(text: string, file: string, line: number): KnownKey | undefined {
  if (text === '' || text.startsWith('#')) return undefined;
  const fields = text.split(/[ \t]+/);
  let marker: KnownKey['marker'] = 'none';
  if (text.startsWith('@')) {
    const named = [...MARKERS].find(([word]) => word === fields[0]);
    if (named === undefined) return undefined;
    marker = named[1];
    fields.shift();
  }
  const [hosts, type, encoded] = fields;
  if (hosts === undefined || type === undefined || encoded === undefined) return undefined;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined;
  const blob = Buffer.from(encoded, 'base64');
  return keyType(blob) === type ? { file, line, marker, hosts, type, blob } : undefined;
}

/** The type a public key names itself: its first length-prefixed string. */
export function keyType(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined;
  const length = blob.readUInt32BE(0);
  return length > 0 && 4 + length < blob.length ? blob.toString('latin1', 4, 4 + length) : undefined;
}

export const fingerprint = (blob: Buffer): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;

/** A host as the file names it: with the port when that is not the default. */
export const hostEntry = (host: string, port: number): string =>
  port === DEFAULT_PORT ? host.toLowerCase() : `[${host.toLowerCase()}]:${String(port)}`;

/**
 * The entries of a host, without certificate authorities: host certificates are not supported.
 */
const entriesFor = (keys: readonly KnownKey[], name: string): readonly KnownKey[] =>
  keys.filter((key) => key.marker !== 'cert-authority' && hostsMatch(key.hosts, name));

/**
 * All entries that may concern a host. Hashed names are thereby computed once a connection, not once a check.
 */
export const relevantKeys = (keys: readonly KnownKey[], host: string, port: number): readonly KnownKey[] =>
  keys.filter(
    (key) =>
      hostsMatch(key.hosts, hostEntry(host, port)) ||
      (port !== DEFAULT_PORT && hostsMatch(key.hosts, host.toLowerCase())),
  );

/**
 * Judges this host's key by the file. For a port other than 22, a key on record for the bare name proves the
 * host too, as with OpenSSH; a different key under the bare name proves nothing about this port.
 */
export function judge(
  keys: readonly KnownKey[],
  host: string,
  port: number,
  offered: Buffer,
): HostKeyVerdict {
  const own = entriesFor(keys, hostEntry(host, port));
  const bare = port === DEFAULT_PORT ? [] : entriesFor(keys, host.toLowerCase());
  const revoked = [...own, ...bare].find((key) => key.marker === 'revoked' && key.blob.equals(offered));
  if (revoked !== undefined) return { kind: 'revoked', by: revoked };
  const trusted = own.filter((key) => key.marker === 'none');
  if (trusted.some((key) => key.blob.equals(offered))) return { kind: 'known' };
  const type = keyType(offered);
  const other = trusted.find((key) => key.type === type) ?? trusted[0];
  if (other !== undefined) {
    return { kind: 'changed', by: other, recorded: fingerprint(other.blob) };
  }
  const borrowed = bare.some((key) => key.marker === 'none' && key.blob.equals(offered));
  return { kind: borrowed ? 'known' : 'unknown' };
}

/** The key types on record for a host, so that it can be asked for one that can be verified. */
export function knownTypes(keys: readonly KnownKey[], host: string, port: number): ReadonlySet<string> {
  const own = entriesFor(keys, hostEntry(host, port)).filter((key) => key.marker === 'none');
  const found =
    own.length > 0 ? own : entriesFor(keys, host.toLowerCase()).filter((key) => key.marker === 'none');
  return new Set(found.map((key) => key.type));
}

function hostsMatch(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) return hashMatches(hosts, name);
  let matched = false;
  for (const item of hosts.toLowerCase().split(',')) {
    if (item.startsWith('!')) {
      if (wildcardMatches(item.slice(1), name)) return false;
    } else if (item !== '' && wildcardMatches(item, name)) matched = true;
  }
  return matched;
}

function hashMatches(hosts: string, name: string): boolean {
  const [, scheme, salt, hash, ...rest] = hosts.split('|');
  if (scheme !== '1' || salt === undefined || hash === undefined || rest.length > 0) return false;
  return hashOf(name, Buffer.from(salt, 'base64')) === hash;
}

const hashOf = (name: string, salt: Buffer): string => createHmac('sha1', salt).update(name).digest('base64');

/** A name as it is written where nobody is to read it. */
export const hashedHost = (name: string, salt: Buffer): string =>
  `|1|${salt.toString('base64')}|${hashOf(name, salt)}`;

/**
 * `*` is any run, `?` any one character, nothing else is special. Backtracks to the last star only, so no
 * line takes long.
 */
export function wildcardMatches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    const c = pattern[p];
    if (c === '*') {
      star = p++;
      resume = t;
    } else if (c === '?' || c === text[t]) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

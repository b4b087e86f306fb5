/**
 * The algorithms offered to a node. Those that Node's OpenSSL runs natively come first, so that thirty logins
 * stay cheap. SHA-1 signatures of host keys and CBC ciphers are not offered.
 */
import type { Algorithms, CipherAlgorithm, KexAlgorithm, MacAlgorithm, ServerHostKeyAlgorithm } from 'ssh2';
import { err, ok, type Result } from '../core/result.ts';
import type { ConfiguredAlgorithms } from './route.ts';

const KEX: KexAlgorithm[] = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
];
const CIPHERS: CipherAlgorithm[] = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
  'chacha20-poly1305@openssh.com',
];
/** Each with the type that its key has in known_hosts. */
const HOST_KEYS: readonly (readonly [ServerHostKeyAlgorithm, string])[] = [
  ['ssh-ed25519', 'ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp256'],
  ['ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp384'],
  ['ecdsa-sha2-nistp521', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'ssh-rsa'],
  ['rsa-sha2-256', 'ssh-rsa'],
];

/** Offered only where ssh_config asks for them. */
const MORE_KEX: KexAlgorithm[] = [
  'diffie-hellman-group14-sha1',
  'diffie-hellman-group-exchange-sha1',
  'diffie-hellman-group1-sha1',
];
const MORE_CIPHERS: CipherAlgorithm[] = ['aes128-cbc', 'aes192-cbc', 'aes256-cbc', '3des-cbc'];
const MORE_HOST_KEYS: readonly (readonly [ServerHostKeyAlgorithm, string])[] = [['ssh-rsa', 'ssh-rsa']];
const MACS: MacAlgorithm[] = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha1-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
  'hmac-sha1',
];

/**
 * Types on record for the host come first: a host with several keys then shows the one that can be verified.
 * A list of ssh_config decides what is offered, and in which order, of what is supported here. The error
 * names a list of which nothing is supported.
 */
export function algorithms(
  known: ReadonlySet<string>,
  configured: ConfiguredAlgorithms,
): Result<Algorithms, string> {
  const kex = chosen(configured.kex, KEX, MORE_KEX);
  const cipher = chosen(configured.cipher, CIPHERS, MORE_CIPHERS);
  const hmac = chosen(configured.hmac, MACS, []);
  const names = chosen(
    configured.serverHostKey,
    HOST_KEYS.map(([name]) => name),
    MORE_HOST_KEYS.map(([name]) => name),
  );
  const empty = [
    ['KexAlgorithms', kex] as const,
    ['Ciphers', cipher] as const,
    ['MACs', hmac] as const,
    ['HostKeyAlgorithms', names] as const,
  ].find(([, list]) => list.length === 0);
  if (empty !== undefined) return err(empty[0]);
  const types = new Map([...HOST_KEYS, ...MORE_HOST_KEYS]);
  const isRecorded = (name: ServerHostKeyAlgorithm): boolean => known.has(types.get(name) ?? '');
  return ok({
    kex,
    cipher,
    ...(configured.hmac !== undefined && { hmac }),
    serverHostKey: [...names.filter(isRecorded), ...names.filter((name) => !isRecorded(name))],
    compress: ['none'],
  });
}

function chosen<Name extends string>(
  configured: readonly string[] | undefined,
  usual: readonly Name[],
  more: readonly Name[],
): Name[] {
  if (configured === undefined) return [...usual];
  const supported = [...usual, ...more];
  return configured.flatMap((name) => supported.find((each) => each === name) ?? []);
}

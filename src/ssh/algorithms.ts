/**
 * The algorithms offered to a node. Those that Node's OpenSSL runs natively come first, so that thirty logins
 * stay cheap. SHA-1 signatures of host keys and CBC ciphers are not offered.
 */
import type { Algorithms, CipherAlgorithm, KexAlgorithm, ServerHostKeyAlgorithm } from 'ssh2';

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

/**
 * Types on record for the host come first: a host with several keys then shows the one that can be verified.
 */
export function algorithms(known: ReadonlySet<string>): Algorithms {
  const recorded = HOST_KEYS.filter(([, type]) => known.has(type));
  const others = HOST_KEYS.filter(([, type]) => !known.has(type));
  return {
    kex: KEX,
    cipher: CIPHERS,
    serverHostKey: [...recorded, ...others].map(([name]) => name),
    compress: ['none'],
  };
}

import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judge, knownTypes, parseKnownHosts, wildcardMatches } from '../../../src/ssh/known-hosts.ts';

/** A key blob is its type and anything: two strings, each after its length. */
function blob(type: string, seed: string): Buffer {
  const string = (text: string): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    return Buffer.concat([length, Buffer.from(text)]);
  };
  return Buffer.concat([string(type), string(seed)]);
}

const ED = blob('ssh-ed25519', 'one');
const ED2 = blob('ssh-ed25519', 'two');
const RSA = blob('ssh-rsa', 'three');
const ed = `ssh-ed25519 ${ED.toString('base64')}`;
const ed2 = `ssh-ed25519 ${ED2.toString('base64')}`;
const rsa = `ssh-rsa ${RSA.toString('base64')}`;

function hashed(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

type Case = readonly [what: string, file: string, host: string, port: number, verdict: object];

const known = { kind: 'known' };
const unknown = { kind: 'unknown' };
const changed = (line: number): object => ({ kind: 'changed', by: { line } });
const revoked = (line: number): object => ({ kind: 'revoked', by: { line } });

/** Verdicts when the host offers the key ED. */
const CASES: readonly Case[] = [
  ['empty file', '', 'a', 22, unknown],
  ['plain name', `a ${ed}`, 'a', 22, known],
  ['with a comment after the key', `a ${ed} root@a, made 2020`, 'a', 22, known],
  ['leading blanks and tabs', ` \ta\t${ed}`, 'a', 22, known],
  ['CRLF line ends', `a ${ed}\r\nb ${rsa}\r\n`, 'a', 22, known],
  ['another name', `b ${ed}`, 'a', 22, unknown],
  ['a name that begins alike', `ab ${ed}`, 'a', 22, unknown],
  ['comma list', `x,a,192.0.2.1 ${ed}`, 'a', 22, known],
  ['comma list with empty items', `,,a, ${ed}`, 'a', 22, known],
  ['name in capitals in the file', `Node-A ${ed}`, 'node-a', 22, known],
  ['name in capitals as given', `node-a ${ed}`, 'NODE-A', 22, known],
  ['IPv6 address', `fe80::1 ${ed}`, 'fe80::1', 22, known],
  ['own port', `[a]:2222 ${ed}`, 'a', 2222, known],
  ['other port', `[a]:2223 ${ed}`, 'a', 2222, unknown],
  ['a port entry does not speak for port 22', `[a]:2222 ${ed}`, 'a', 22, unknown],
  ['the bare name vouches for another port', `a ${ed}`, 'a', 2222, known],
  ['a different key under the bare name does not condemn another port', `a ${ed2}`, 'a', 2222, unknown],
  ['a different key under the port does', `a ${ed}\n[a]:2222 ${ed2}`, 'a', 2222, changed(2)],
  ['star', `*.example ${ed}`, 'a.example', 22, known],
  ['star is no match for nothing before a dot', `*.example ${ed}`, 'example', 22, unknown],
  ['question mark', `node0? ${ed}`, 'node01', 22, known],
  ['question mark is exactly one', `node0? ${ed}`, 'node012', 22, unknown],
  ['a dot is a dot', `a.b ${ed}`, 'axb', 22, unknown],
  ['wildcard with port', `[*.example]:2222 ${ed}`, 'a.example', 2222, known],
  ['negation after', `*,!a ${ed}`, 'a', 22, unknown],
  ['negation before', `!a,* ${ed}`, 'a', 22, unknown],
  ['negation of others', `*,!b ${ed}`, 'a', 22, known],
  ['negation alone matches nobody', `!b ${ed}`, 'a', 22, unknown],
  ['hashed name', `${hashed('a')} ${ed}`, 'a', 22, known],
  ['hashed other name', `${hashed('b')} ${ed}`, 'a', 22, unknown],
  ['hashed name and port', `${hashed('[a]:2222')} ${ed}`, 'a', 2222, known],
  ['hashed with an unknown scheme', `${hashed('a').replace('|1|', '|2|')} ${ed}`, 'a', 22, unknown],
  ['changed key of the same type', `a ${ed2}`, 'a', 22, changed(1)],
  ['changed: the line of the same type is named', `# x\na ${rsa}\na ${ed2}`, 'a', 22, changed(3)],
  ['known by another type only counts as changed', `a ${rsa}`, 'a', 22, changed(1)],
  ['hashed changed key', `${hashed('a')} ${ed2}`, 'a', 22, changed(1)],
  ['two keys of a type, one is right', `a ${ed2}\na ${ed}`, 'a', 22, known],
  ['revoked for all', `@revoked * ${ed}\na ${ed}`, 'a', 22, revoked(1)],
  ['revoked after it was known', `a ${ed}\n@revoked a ${ed}`, 'a', 22, revoked(2)],
  ['revoked for another host', `@revoked b ${ed}\na ${ed}`, 'a', 22, known],
  ['revoked under the bare name, other port', `@revoked a ${ed}\n[a]:2222 ${ed}`, 'a', 2222, revoked(1)],
  ['another key revoked', `@revoked * ${ed2}`, 'a', 22, unknown],
  ['certificate authority vouches for nothing', `@cert-authority * ${ed}`, 'a', 22, unknown],
  ['certificate authority changes nothing', `@cert-authority * ${ed2}\na ${ed}`, 'a', 22, known],
  ['unknown marker', `@trusted a ${ed}`, 'a', 22, unknown],
  ['commented out', `# a ${ed}\n#a ${ed}`, 'a', 22, unknown],
  ['no key', `a ssh-ed25519`, 'a', 22, unknown],
  ['not base64', `a ssh-ed25519 !!!!`, 'a', 22, unknown],
  ['key cut short', `a ssh-ed25519 AAAA`, 'a', 22, unknown],
  ['type and key disagree', `a ssh-rsa ${ED.toString('base64')}`, 'a', 22, unknown],
  ['protocol 1 key', `a 1024 35 1234567890`, 'a', 22, unknown],
  ['malformed lines around a good one', `\0\n@revoked\n|1|\na\na ${ed}\n@`, 'a', 22, known],
];

test.each(CASES)('known_hosts: %s', (_what, file, host, port, verdict) => {
  expect(judge(parseKnownHosts(file, 'known_hosts'), host, port, ED)).toMatchObject(verdict);
});

describe('types on record', () => {
  test.each([
    ['own entries', `a ${ed}\na ${rsa}`, 22, ['ssh-ed25519', 'ssh-rsa']],
    ['revoked keys do not count', `a ${ed}\n@revoked a ${rsa}`, 22, ['ssh-ed25519']],
    ['bare name where the port has none', `a ${rsa}`, 2222, ['ssh-rsa']],
    ['port before bare name', `a ${rsa}\n[a]:2222 ${ed}`, 2222, ['ssh-ed25519']],
    ['nothing', `b ${ed}`, 22, []],
  ] as const)('%s', (_what, file, port, types) => {
    expect([...knownTypes(parseKnownHosts(file, 'known_hosts'), 'a', port)]).toEqual(types);
  });
});

test('any text is read without an error, and proves no key that it does not hold', () => {
  const word = fc.oneof(
    fc.constantFrom(
      'a',
      '*',
      '!a',
      '|1|',
      '@revoked',
      '@cert-authority',
      '[a]:22',
      ',',
      '#',
      ed2,
      rsa,
      '\t',
      '\r',
    ),
    fc.string({ unit: 'binary' }),
  );
  const file = fc.array(fc.array(word).map((words) => words.join(' '))).map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(file, fc.string(), fc.nat(65_535), (text, host, port) => {
      expect(judge(parseKnownHosts(text, 'known_hosts'), host, port, ED).kind).not.toBe('known');
    }),
  );
});

test('offered bytes that are no key are never known', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(judge(parseKnownHosts(`* ${ed}`, 'known_hosts'), 'a', 22, Buffer.from(bytes)).kind).toBe(
        'changed',
      );
    }),
  );
});

test('wildcards mean the same as the regular expression, and stay fast', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 8 });
  fc.assert(
    fc.property(pattern, text, (p, t) => {
      const meaning = p.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
      expect(wildcardMatches(p, t)).toBe(new RegExp(`^(?:${meaning})$`).test(t));
    }),
  );
  expect(wildcardMatches('*a'.repeat(30) + 'b', 'a'.repeat(2_000))).toBe(false);
});

/**
 * Finds the keys to log in with, as OpenSSH does: the file that the user named, else the agent and then the
 * usual files. Key material stays here and in ssh2; messages hold file names and reasons only.
 */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import ssh2, { createAgent, type AnyAuthMethod, type BaseAgent, type ParsedKey } from 'ssh2';
import { OneKeyAgent } from './one-key-agent.ts';
import { errorCode, inWords } from './target.ts';

type AgentMethod = { readonly type: 'agent'; readonly agent: BaseAgent };
type KeyMethod = { readonly type: 'publickey'; readonly key: ParsedKey };

/** One way to authenticate. */
export interface Identity {
  /** For messages: a file name, or the agent. */
  readonly name: string;
  readonly method: AgentMethod | KeyMethod;
}

export interface Identities {
  readonly usable: readonly Identity[];
  /** Why other keys are not usable. */
  readonly notes: readonly string[];
}

/** Where keys are searched on this machine. */
export interface KeyPlaces {
  readonly agentSocket: string | undefined;
  readonly sshDirectory: string;
}

const USUAL_FILES = ['id_ed25519', 'id_ecdsa', 'id_rsa'];
const MAX_KEY_BYTES = 64 * 1024;

/** The one place, besides the command line, that reads this process's environment. */
export const usualPlaces = (): KeyPlaces => ({
  agentSocket: env['SSH_AUTH_SOCK'] === '' ? undefined : env['SSH_AUTH_SOCK'],
  sshDirectory: join(homedir(), '.ssh'),
});

export async function findIdentities(
  identityFile: string | undefined,
  places: KeyPlaces,
): Promise<Identities> {
  if (identityFile !== undefined) return await namedFile(identityFile, places.agentSocket);
  const files = await Promise.all(USUAL_FILES.map((name) => readKey(join(places.sshDirectory, name))));
  const usable: Identity[] = [];
  const notes: string[] = [];
  if (places.agentSocket === undefined) notes.push('no agent: SSH_AUTH_SOCK is not set');
  else usable.push(agentIdentity(createAgent(places.agentSocket)));
  for (const file of files) {
    if (file.kind === 'private') usable.push(keyIdentity(file.path, file.key));
    else if (file.kind !== 'missing') notes.push(describe(file));
  }
  if (files.every((file) => file.kind === 'missing')) {
    notes.push(`no ${USUAL_FILES.join(', ')} in ${places.sshDirectory}`);
  }
  return { usable, notes };
}

async function namedFile(path: string, agentSocket: string | undefined): Promise<Identities> {
  const file = await readKey(path);
  if (file.kind === 'private') return { usable: [keyIdentity(path, file.key)], notes: [] };
  if (file.kind === 'missing' || file.kind === 'unusable') return { usable: [], notes: [describe(file)] };
  const blob = file.kind === 'public' ? file.blob : await publicHalf(file, path);
  const notes = [describe(file)];
  if (agentSocket === undefined)
    return { usable: [], notes: [...notes, 'no agent: SSH_AUTH_SOCK is not set'] };
  const agent = createAgent(agentSocket);
  return { usable: [agentIdentity(blob === undefined ? agent : new OneKeyAgent(agent, blob))], notes };
}

const agentIdentity = (agent: BaseAgent): Identity => ({
  name: 'agent (SSH_AUTH_SOCK)',
  method: { type: 'agent', agent },
});

const keyIdentity = (path: string, key: ParsedKey): Identity => ({
  name: path,
  method: { type: 'publickey', key },
});

export const authMethod = (username: string, { method }: Identity): AnyAuthMethod => ({
  username,
  ...method,
});

type KeyFile = { readonly path: string } & (
  | { readonly kind: 'missing' }
  | { readonly kind: 'unusable'; readonly reason: string }
  | { readonly kind: 'encrypted'; readonly blob: Buffer | undefined }
  | { readonly kind: 'public'; readonly blob: Buffer }
  | { readonly kind: 'private'; readonly key: ParsedKey }
);

function describe(file: KeyFile): string {
  if (file.kind === 'missing') return `${file.path}: no such file`;
  if (file.kind === 'unusable') return `${file.path}: ${file.reason}`;
  if (file.kind === 'encrypted')
    return `${file.path}: has a passphrase, so it works through an agent only (ssh-add)`;
  return `${file.path}: is a public key, so it works through an agent only`;
}

async function readKey(path: string): Promise<KeyFile> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    return errorCode(error) === 'ENOENT'
      ? { path, kind: 'missing' }
      : { path, kind: 'unusable', reason: `cannot be read: ${inWords(error)}` };
  }
  if (bytes.length > MAX_KEY_BYTES) return { path, kind: 'unusable', reason: 'is not a key: too large' };
  return parseKey(path, bytes);
}

function parseKey(path: string, bytes: Buffer): KeyFile {
  const parsed = ssh2.utils.parseKey(bytes);
  // The parser's own message is not passed on: it might quote the file.
  if (parsed instanceof Error) {
    return /encrypted/i.test(parsed.message)
      ? { path, kind: 'encrypted', blob: embeddedPublicKey(bytes.toString('latin1')) }
      : { path, kind: 'unusable', reason: 'is not a private key of a kind that is supported here' };
  }
  // A file of several keys gives an array, whatever the types say.
  const [key] = [parsed].flat();
  if (key === undefined) return { path, kind: 'unusable', reason: 'holds no key' };
  if (key.isPrivateKey()) return { path, kind: 'private', key };
  return { path, kind: 'public', blob: key.getPublicSSH() };
}

/** OpenSSH's own format holds the public half unencrypted: after the magic, three strings and a count. */
function embeddedPublicKey(pem: string): Buffer | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(pem)?.[1];
  if (body === undefined) return undefined;
  const bytes = Buffer.from(body, 'base64');
  let at = 'openssh-key-v1\0'.length;
  const next = (): Buffer => {
    const start = at + 4;
    at = start + bytes.readUInt32BE(at);
    return bytes.subarray(start, at);
  };
  try {
    next();
    next();
    next();
    at += 4;
    return next();
  } catch {
    return undefined;
  }
}

/** Older formats do not; for them ssh-keygen's .pub file beside the key is read, if there is one. */
async function publicHalf(
  file: { readonly blob?: Buffer | undefined },
  path: string,
): Promise<Buffer | undefined> {
  if (file.blob !== undefined) return file.blob;
  const beside = await readKey(`${path}.pub`);
  return beside.kind === 'public' ? beside.blob : undefined;
}

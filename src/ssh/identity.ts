/**
 * Finds the keys to log in with, as OpenSSH does: the file that the user named, else the agent and then the
 * usual files. Key material stays here and in ssh2; messages hold file names and reasons only.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ssh2, { createAgent, type AnyAuthMethod, type BaseAgent, type ParsedKey } from 'ssh2';
import { AGENT_TIMEOUT_MS } from './limits.ts';
import { OneKeyAgent, publicOf } from './one-key-agent.ts';
import type { IdentitySettings } from './route.ts';
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
  /** That the agent offers: a server takes no more than a few. */
  readonly agentKeys: number;
}

/** Where keys are searched on this machine. */
export interface KeyPlaces {
  readonly agentSocket: string | undefined;
  readonly sshDirectory: string;
}

const USUAL_FILES = ['id_ed25519', 'id_ecdsa', 'id_rsa'];
const MAX_KEY_BYTES = 64 * 1024;

export async function findIdentities(settings: IdentitySettings, places: KeyPlaces): Promise<Identities> {
  const { only, files } = settings;
  const agentSocket = settings.agent === 'none' ? undefined : (settings.agent ?? places.agentSocket);
  const noAgent = settings.agent === 'none' ? 'no agent: IdentityAgent is none' : NO_AGENT;
  if (only !== undefined) return await namedFile(only, agentSocket, noAgent);
  if (files !== undefined || settings.isOnlyFiles)
    return await configuredFiles(
      files ?? usualFiles(places),
      settings.isOnlyFiles,
      await openAgent(agentSocket, noAgent),
    );
  const found = await Promise.all(usualFiles(places).map(readKey));
  const { agent, keys, notes } = await openAgent(agentSocket, noAgent);
  const usable = agent === undefined ? [] : [agentIdentity(agent)];
  const missing = found.every((file) => file.kind === 'missing');
  return {
    usable: [...usable, ...found.flatMap((file) => privateKey(file) ?? [])],
    notes: [
      ...notes,
      ...found.filter((file) => file.kind !== 'private' && file.kind !== 'missing').map(describe),
      ...(missing ? [`no ${USUAL_FILES.join(', ')} in ${places.sshDirectory}`] : []),
    ],
    agentKeys: keys.length,
  };
}

const NO_AGENT = 'no agent: SSH_AUTH_SOCK is not set';

const usualFiles = ({ sshDirectory }: KeyPlaces): readonly string[] =>
  USUAL_FILES.map((name) => join(sshDirectory, name));

const privateKey = (file: KeyFile): Identity | undefined =>
  file.kind === 'private' ? keyIdentity(file.path, file.key) : undefined;

/**
 * As OpenSSH orders them: what the agent has of the named files, what else it has, and the files themselves.
 * A key is offered once.
 */
async function configuredFiles(
  paths: readonly string[],
  isOnlyFiles: boolean,
  { agent, keys, notes }: OpenAgent,
): Promise<Identities> {
  const files = await Promise.all(paths.map(readKey));
  const blobs = await Promise.all(files.map(async (file) => await publicBlob(file)));
  const isIn = (list: readonly (Buffer | undefined)[], key: Buffer): boolean =>
    list.some((each) => each?.equals(key) === true);
  const named = blobs.filter((blob) => blob !== undefined && isIn(keys, blob));
  const others = keys.filter((key) => !isIn(blobs, key));
  const offered = isOnlyFiles ? named : [...named, ...others];
  const fromAgent =
    agent === undefined
      ? []
      : offered.flatMap((blob) => (blob === undefined ? [] : [agentIdentity(new OneKeyAgent(agent, blob))]));
  const fromFiles = files.flatMap((file, at) =>
    blobs[at] !== undefined && isIn(keys, blobs[at]) ? [] : (privateKey(file) ?? []),
  );
  const isUnused = (file: KeyFile, at: number): boolean =>
    file.kind !== 'private' && !(blobs[at] !== undefined && isIn(keys, blobs[at]));
  return {
    usable: [...fromAgent, ...fromFiles],
    notes: [...notes, ...files.filter(isUnused).map(describe)],
    agentKeys: offered.length,
  };
}

/** The public half of a key, of whatever the file holds. */
async function publicBlob(file: KeyFile): Promise<Buffer | undefined> {
  if (file.kind === 'private') return file.key.getPublicSSH();
  if (file.kind === 'public') return file.blob;
  if (file.kind === 'encrypted') return await publicHalf(file, file.path);
  return await publicHalf({}, file.path);
}

interface OpenAgent {
  readonly agent: BaseAgent | undefined;
  readonly keys: readonly Buffer[];
  readonly notes: readonly string[];
}

/** An agent that does not answer has no keys; whether it signs, the login shows. */
async function openAgent(socket: string | undefined, absent: string): Promise<OpenAgent> {
  if (socket === undefined) return { agent: undefined, keys: [], notes: [absent] };
  const agent = createAgent(socket);
  const keys = await new Promise<readonly Buffer[] | undefined>((resolve) => {
    const timer = setTimeout(resolve, AGENT_TIMEOUT_MS, undefined);
    agent.getIdentities((error, found) => {
      clearTimeout(timer);
      resolve(error ? undefined : found?.flatMap((key) => publicOf(key) ?? []));
    });
  });
  return keys === undefined
    ? { agent, keys: [], notes: [`the agent at ${socket} does not answer`] }
    : { agent, keys, notes: [] };
}

async function namedFile(
  path: string,
  agentSocket: string | undefined,
  noAgent: string,
): Promise<Identities> {
  const file = await readKey(path);
  if (file.kind === 'private') return { usable: [keyIdentity(path, file.key)], notes: [], agentKeys: 0 };
  if (file.kind === 'missing' || file.kind === 'unusable')
    return { usable: [], notes: [describe(file)], agentKeys: 0 };
  const blob = file.kind === 'public' ? file.blob : await publicHalf(file, path);
  const notes = [describe(file)];
  if (agentSocket === undefined) return { usable: [], notes: [...notes, noAgent], agentKeys: 0 };
  const agent = createAgent(agentSocket);
  const usable = [agentIdentity(blob === undefined ? agent : new OneKeyAgent(agent, blob))];
  return { usable, notes, agentKeys: 1 };
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

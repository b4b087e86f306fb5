/**
 * Edits of one node's store while its glusterd is stopped, as data. An edit names its source; the content is
 * computed under the lock, from the observation there. Owns which keys are a node's own (listen-port,
 * brick-fsid); holds no secret.
 */
import type { NodeName } from '../model/names.ts';
import type { NodeFacts, StoreBrick, StoreVolume } from '../model/observed.ts';
import { brickProcesses, type View } from '../view/view.ts';

export type Edit =
  /** The definition of a volume as another node has it. */
  | { readonly kind: 'copy-volume'; readonly volume: string; readonly from: string }
  /** One file as another node has it. */
  | { readonly kind: 'copy-file'; readonly path: string; readonly from: string }
  | { readonly kind: 'remove'; readonly path: string }
  /** Into the folder of the transaction, which keeps it until somebody removes it. */
  | { readonly kind: 'move-aside'; readonly path: string }
  /** Lines of a small text file; nothing secret goes this way. */
  | { readonly kind: 'write'; readonly path: string; readonly lines: readonly string[] }
  /** Nothing on disk: a restarted glusterd reads its store, and shakes hands again. */
  | { readonly kind: 'restart' }
  /** Makes glusterd rewrite all volfiles when it starts. */
  | { readonly kind: 'renew-volfiles' }
  /** The port that the running process of a brick has, in the brick's file. */
  | { readonly kind: 'set-port'; readonly volume: string; readonly brickFile: string; readonly port: number };

export interface FileChanges {
  readonly writes: readonly { readonly path: string; readonly base64: string }[];
  readonly removes: readonly string[];
  readonly aside?: readonly string[];
}

export function changesOf(edit: Edit, facts: NodeFacts, view: View): FileChanges {
  switch (edit.kind) {
    case 'remove':
      return { writes: [], removes: [edit.path] };
    case 'move-aside':
      return { writes: [], removes: [], aside: [edit.path] };
    case 'write':
      return { writes: [text(edit.path, `${edit.lines.join('\n')}\n`)], removes: [] };
    case 'restart':
      return { writes: [], removes: [] };
    case 'renew-volfiles':
      return { writes: [], removes: ['glusterd.upgrade'] };
    case 'copy-file': {
      const content = view.facts(edit.from as NodeName)?.store.files.get(edit.path)?.content;
      return content === undefined
        ? { writes: [], removes: [edit.path] }
        : { writes: [bytes(edit.path, content)], removes: [] };
    }
    case 'set-port': {
      const path = `vols/${edit.volume}/bricks/${edit.brickFile}`;
      const content = facts.store.files.get(path)?.content.toString('utf8') ?? '';
      return { writes: [text(path, withKey(content, 'listen-port', String(edit.port)))], removes: [] };
    }
    case 'copy-volume':
      return copyVolume(edit.volume, edit.from as NodeName, facts, view);
  }
}

const text = (path: string, content: string): { path: string; base64: string } =>
  bytes(path, Buffer.from(content, 'utf8'));
const bytes = (path: string, content: Buffer): { path: string; base64: string } => ({
  path,
  base64: content.toString('base64'),
});

/** Files about one node only: each node keeps its own. */
const NODES_OWN = /\/(node_state\.info|snapd\.info)$|\/rebalance\//;

function copyVolume(volume: string, from: NodeName, facts: NodeFacts, view: View): FileChanges {
  const donor = view.facts(from)?.store;
  const source = [...(donor?.volumes.values() ?? [])].find((v) => v.name === volume);
  if (donor === undefined || source === undefined) return { writes: [], removes: [] };
  const below = `vols/${volume}/`;
  const bricks = new Map(source.bricks.map((b) => [`${below}bricks/${b.file}`, b]));
  const writes = [...donor.files.values()]
    .filter((f) => f.path.startsWith(below) && !NODES_OWN.test(f.path) && !f.path.endsWith('.tmp'))
    .map((f) => {
      const brick = bricks.get(f.path);
      return brick === undefined
        ? bytes(f.path, f.content)
        : text(f.path, localBrick(f.content.toString('utf8'), brick, source, { facts, view }));
    });
  const stale = [...facts.store.files.keys()].filter(
    (p) => p.startsWith(`${below}bricks/`) && !bricks.has(p),
  );
  return { writes, removes: stale };
}

interface Place {
  readonly facts: NodeFacts;
  readonly view: View;
}

/** With the port of the running process on its owner, else the previous one; zero on other nodes. */
function localBrick(content: string, brick: StoreBrick, volume: StoreVolume, { facts, view }: Place): string {
  // By name too: a node that gets its identity back does not have its uuid yet.
  const own = view.ownerOf(brick) === facts.node;
  const old = [...facts.store.volumes.values()]
    .find((v) => v.name === volume.name)
    ?.bricks.find((b) => b.file === brick.file);
  const running = brickProcesses(facts, volume.name, brick.path)[0]?.brick?.port;
  const port = own ? (running ?? old?.listenPort ?? 0) : 0;
  return withKey(withKey(content, 'listen-port', String(port)), 'brick-fsid', '0');
}

const withKey = (content: string, key: string, value: string): string =>
  content.replace(new RegExp(`^${key}=.*$`, 'm'), `${key}=${value}`);

/** Paths of the store that an edit changes: a before-image restores these. */
export function pathsOf(edit: Edit): readonly string[] {
  switch (edit.kind) {
    case 'copy-volume':
    case 'set-port':
      return [`vols/${edit.volume}`];
    case 'restart':
      return [];
    case 'renew-volfiles':
      return ['glusterd.upgrade'];
    default:
      return [edit.path];
  }
}

export function editWords(edit: Edit): string {
  switch (edit.kind) {
    case 'copy-volume':
      return `take the definition of volume ${edit.volume} from ${edit.from}`;
    case 'copy-file':
      return `take ${edit.path} from ${edit.from}`;
    case 'remove':
      return `remove ${edit.path}`;
    case 'move-aside':
      return `move ${edit.path} out of the store, into the folder of this transaction`;
    case 'write':
      return `write ${edit.path}`;
    case 'restart':
      return 'nothing but the restart';
    case 'renew-volfiles':
      return 'rewrite all volfiles';
    case 'set-port':
      return `set the port of ${edit.brickFile} to ${String(edit.port)}`;
  }
}

/**
 * The healthy cluster that a case begins with, the change that the case asks for, and the text by which
 * "exactly before" and "exactly after" are compared.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { clusterFile, gluster, glusterctl, leftovers, replica3, stores } from '../cluster.ts';
import { until } from '../host.ts';
import { type ClientMount, type Lab, type LabNode, labUp } from '../lab.ts';
import { waitConnected } from '../pool.ts';
import { stoppedEdit } from '../recover-acts.ts';
import type { Change, Role } from './cases.ts';

const SETTLE_MS = 40_000;
const BASE = replica3('base', '    options: { network.ping-timeout: 10 }\n');
const BRICKS = '    bricks: [node02:/bricks/d2/v, node03:/bricks/d2/v]\n';
const [TWO, THREE, FOUR] = ['node02:/bricks/d2/v', 'node03:/bricks/d2/v', 'node04:/bricks/d2/v'];
const BRICKS_OF: { readonly [layout in Layout]: string } = {
  distribute: BRICKS,
  'replica 2': `    replica: 2\n${BRICKS}`,
  'replica 3': `    replica: 3\n    bricks: [${TWO}, ${THREE}, ${FOUR}]\n`,
};
/** What gluster is asked to create. */
const CREATE: { readonly [layout in Layout]: readonly string[] } = {
  distribute: [TWO, THREE],
  'replica 2': ['replica 2', TWO, THREE],
  'replica 3': ['replica 3', TWO, THREE, FOUR],
};
const PINGS = 'network.ping-timeout: 21';

/** The volume that is changed lies on node02 and node03; node01 gives the commands, node04 has no brick. */
export function nodeOf(lab: Lab, change: Change, role: Role): LabNode {
  const names =
    change.name === 'peer-attach' || change.name === 'node-detach'
      ? { coordinator: 'node01', 'brick-owner': 'node04', 'other-member': 'node02', bystander: '' }
      : { coordinator: 'node01', 'brick-owner': 'node02', 'other-member': 'node03', bystander: 'node04' };
  return lab.node(names[role]);
}

export interface Ask {
  readonly command: 'apply' | 'recover';
  readonly file: string;
  readonly flags: readonly string[];
}

/** Of the volume that is changed; a brick can be replaced only in a replicated one. */
export const LAYOUTS = ['distribute', 'replica 2', 'replica 3'] as const;
export type Layout = (typeof LAYOUTS)[number];

type State = 'absent' | 'created' | 'started';

interface Recipe {
  /** Of the volume before. */
  readonly state: State;
  /** YAML of the volume that is asked for, after `v:`. */
  readonly wanted: string;
  readonly set?: true;
  /** Default: distribute. */
  readonly layout?: Layout;
  readonly flags?: readonly string[];
  readonly command?: 'recover';
  /** What a repair finds broken, by hand. */
  readonly broken?: (lab: Lab) => Promise<unknown>;
}

const STARTED = ` \n${BRICKS}`;
const PID_FILE = '/var/run/gluster/vols/v/node02-bricks-d2-v.pid';
const STRANGER =
  `setsid sleep 1000 >/dev/null 2>&1 </dev/null & ` + `echo $! | tee /run/stranger.pid >${PID_FILE}`;

const RECIPES: { readonly [change: string]: Recipe } = {
  'peer-attach': { state: 'absent', wanted: '' },
  'volume-create': { state: 'absent', wanted: `\n${BRICKS}    state: stopped\n` },
  'volume-start': { state: 'created', wanted: STARTED },
  'volume-set': { state: 'started', wanted: `${STARTED}    options: { ${PINGS} }\n` },
  'volume-reset': {
    state: 'started',
    set: true,
    wanted: `${STARTED}    optionsMode: exact\n    options: {}\n`,
  },
  'volume-stop': { state: 'started', wanted: `\n${BRICKS}    state: stopped\n` },
  'volume-delete': {
    state: 'created',
    wanted: ' { state: absent }',
    flags: ['--allow-destroy', 'volume/v'],
  },
  'volume-add-bricks': {
    state: 'started',
    wanted: `\n    bricks: [${TWO}, ${THREE}, ${FOUR}]\n    rebalance: none\n`,
  },
  'volume-add-copies': { state: 'started', layout: 'replica 2', wanted: `\n${BRICKS_OF['replica 3']}` },
  'volume-remove-copies': {
    state: 'started',
    layout: 'replica 3',
    wanted: `\n${BRICKS_OF['replica 2']}`,
    flags: ['--allow-destroy', `brick/${FOUR}`],
  },
  'brick-replace': {
    state: 'started',
    layout: 'replica 2',
    wanted: `\n    replica: 2\n    bricks: [${TWO}, ${FOUR}]\n`,
  },
  'node-detach': { state: 'absent', wanted: '' },
  'brick-start': {
    state: 'started',
    wanted: STARTED,
    broken: (lab) => lab.node('node02').killBrick('/bricks/d2/v'),
  },
  'glusterd-start': {
    state: 'started',
    wanted: STARTED,
    command: 'recover',
    broken: stoppedEdit('node02', 'true'),
  },
  'store-repair': {
    state: 'started',
    wanted: STARTED,
    command: 'recover',
    broken: (lab) => lab.node('node02').run(': >/var/lib/glusterd/vols/v/trusted-v.tcp-fuse.vol'),
  },
  'self-heal-start': {
    state: 'started',
    wanted: STARTED,
    command: 'recover',
    broken: (lab) => lab.node('node02').run('kill -9 $(cat /var/run/gluster/shd/*/*-shd.pid)'),
  },
  'pidfile-remove': {
    state: 'started',
    wanted: STARTED,
    command: 'recover',
    broken: async (lab) => {
      await lab.node('node02').killBrick('/bricks/d2/v');
      await lab.node('node02').run(STRANGER);
    },
  },
};

export const layoutOf = (change: Change): Layout => RECIPES[change.name]?.layout ?? 'distribute';

/**
 * Everything a person would compare: definitions, lists of bricks, peers and the contents of the brick
 * directories; no counters, no ports, nothing that glusterd is just writing.
 */
export async function snapshot(lab: Lab): Promise<string> {
  const script =
    'cat /var/lib/glusterd/peers/* 2>/dev/null | grep -e ^uuid= -e ^state= | sort; ' +
    'ls -A /bricks/d2; ls -A /var/lib/glusterd/vols';
  const peers = await Promise.all(lab.nodes.map((node) => node.run(script, { allowFailure: true })));
  const text = `${await stores(lab)}\n######\n${peers.map((r) => r.stdout).join('----\n')}`;
  return text.replace(/^.*\.tmp\n/gm, '');
}

/** Without what chance decides when a volume or a lab is made. */
export const normalised = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^(volume-id|username|password|uuid)=/.test(line))
    .join('\n');

/**
 * A lab with its base volume and a client on it; makes each case's beginning from whatever the last one left.
 */
export class MatrixLab {
  readonly lab: Lab;
  readonly mount: ClientMount;
  #size: 3 | 4 | undefined;

  private constructor(lab: Lab, mount: ClientMount) {
    this.lab = lab;
    this.mount = mount;
  }

  static async up(): Promise<MatrixLab> {
    const lab = await labUp({ nodes: 4, clients: 1, bricksPerNode: 2 });
    const base = clusterFile(lab, BASE);
    const ran = await glusterctl('apply', base, '--yes');
    if (ran.code !== 0) throw new Error(`the base volume cannot be made: ${ran.stdout}${ran.stderr}`);
    return new MatrixLab(lab, await lab.mountClient('base', { on: lab.node('c1') }));
  }

  /** Answers what to ask of glusterctl; the cluster stands as it does before that. */
  async prepare(change: Change, layout: Layout = layoutOf(change)): Promise<Ask> {
    const { lab } = this;
    const recipe = RECIPES[change.name]!;
    await Promise.all(lab.nodes.map((n) => n.run(TIDY, { allowFailure: true })));
    await healed(lab);
    await this.#volume(recipe.state, recipe.set === true, layout);
    await this.#pool(change.name === 'peer-attach' ? 3 : 4);
    const isMine = layout === layoutOf(change);
    const wanted = isMine ? recipe.wanted : recipe.wanted.replace(BRICKS, BRICKS_OF[layout]);
    const file = change.name === 'node-detach' ? this.#withoutFour() : this.#fileOf(wanted);
    await recipe.broken?.(lab);
    return { command: recipe.command ?? 'apply', file, flags: recipe.flags ?? [] };
  }

  /** node04 is to leave the pool. */
  #withoutFour(): string {
    const file = clusterFile(this.lab, BASE);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/(node04: \{ address: [^ }]+) \}/, '$1, state: absent }'));
    return file;
  }

  readonly #files = new Map<string, string>();

  #fileOf(wanted: string): string {
    const known = this.#files.get(wanted);
    if (known !== undefined) return known;
    const file = clusterFile(this.lab, wanted === '' ? BASE : `${BASE}  v:${wanted}`);
    this.#files.set(wanted, file);
    return file;
  }

  async #volume(state: State, set: boolean, layout: Layout): Promise<void> {
    const one = this.lab.node('node01');
    await this.#dropOther(layout);
    const info = (await one.run('gluster volume info v 2>&1', { allowFailure: true })).stdout;
    const is = /Status: (\w+)/.exec(info)?.[1];
    const isSet = info.includes('network.ping-timeout');
    if (state === 'started' && is === 'Started') {
      if (isSet !== set)
        await gluster(
          one,
          set ? 'volume set v network.ping-timeout 21' : 'volume reset v network.ping-timeout',
        );
      return;
    }
    if (state === 'created' && is === 'Created') return;
    if (state === 'absent' && is === undefined) {
      await this.#clean();
      return;
    }
    if (is === 'Started' && state !== 'started') await gluster(one, 'volume stop v');
    if (is !== undefined && state !== 'started') await gluster(one, 'volume delete v');
    if (is === undefined || state !== 'started') await this.#clean();
    if (state === 'absent') return;
    if (is === undefined || state === 'created')
      await gluster(one, `volume create v ${CREATE[layout].join(' ')}`);
    if (state === 'started') await gluster(one, 'volume start v');
    if (set) await gluster(one, 'volume set v network.ping-timeout 21');
  }

  /** The volume of another layout, or of other bricks, made for the case before. */
  async #dropOther(layout: Layout): Promise<void> {
    const one = this.lab.node('node01');
    const info = (await one.run('gluster volume info v 2>&1', { allowFailure: true })).stdout;
    const type = /Type: (\S+)/.exec(info)?.[1];
    const bricks = [...info.matchAll(/^Brick\d+: (\S+)$/gm)].map(([, brick]) => brick);
    const wanted = CREATE[layout].filter((word) => word.includes(':'));
    const isReplicated = type === 'Replicate';
    const isSame = isReplicated === (layout !== 'distribute') && bricks.join() === wanted.join();
    if (type === undefined || isSame) return;
    if (info.includes('Status: Started')) await gluster(one, 'volume stop v');
    await gluster(one, 'volume delete v');
    await this.#clean();
  }

  #clean(): Promise<unknown> {
    return Promise.all(this.lab.nodes.map((n) => n.run('rm -rf /bricks/d2/v /bricks/d2/v2')));
  }

  async #pool(size: 3 | 4): Promise<void> {
    const [one, four] = [this.lab.node('node01'), this.lab.node('node04')];
    const isMember = (await gluster(one, 'pool list')).includes('node04');
    if (size === 4 && !isMember) {
      await four.run(FRESH, { timeoutMs: SETTLE_MS });
      await gluster(one, 'peer probe node04');
    }
    if (size === 3 && isMember) {
      await gluster(one, 'peer detach node04');
      await four.run(FRESH, { timeoutMs: SETTLE_MS });
    }
    if (this.#size === size && isMember === (size === 4)) return;
    this.#size = size;
    await waitConnected(size === 4 ? this.lab.nodes : this.lab.nodes.slice(0, 3));
  }
}

const TIDY =
  'systemctl reset-failed glusterd; ' +
  '[ ! -e /run/stranger.pid ] || kill $(cat /run/stranger.pid); rm -f /run/stranger.pid';
/** A detached node may keep volumes in which it has no brick; such a node joins no pool. */
const FRESH = String.raw`
[ -z "$(ls -A /var/lib/glusterd/vols)" ] || {
  systemctl stop glusterd; rm -rf /var/lib/glusterd/vols/*; systemctl start glusterd
}`;

/** Nothing of the client's waits for a heal: the next fault may take another brick. */
export async function healed(lab: Lab): Promise<void> {
  await until('the bricks of the base volume to run', SETTLE_MS, () =>
    lab.nodes.slice(0, 3).every((node) => node.brickPids('/bricks/d1/base').length > 0) ? true : undefined,
  );
  const pending = 'ls /bricks/d1/base/.glusterfs/indices/xattrop 2>/dev/null | grep -vc "^xattrop-" || true';
  let isAsked = false;
  await until('the base volume to be healed', SETTLE_MS, async () => {
    const counts = await Promise.all(lab.nodes.slice(0, 3).map((n) => n.run(pending)));
    if (counts.every((r) => r.stdout.trim() === '0')) return true;
    if (!isAsked) await lab.node('node01').run('gluster volume heal base', { allowFailure: true });
    isAsked = true;
    return undefined;
  });
}

/** Seconds until the lock can be taken on every node; tries it, and lets go immediately. */
export async function lockFree(lab: Lab, limitMs: number): Promise<number> {
  const began = performance.now();
  const script = '[ ! -e /run/glusterctl/lock ] || flock -n /run/glusterctl/lock true';
  await until('the lock to be free on every node', limitMs, async () => {
    const tried = await Promise.all(lab.nodes.map((n) => n.run(script, { allowFailure: true })));
    return tried.every((r) => r.code === 0) ? true : undefined;
  });
  return (performance.now() - began) / 1000;
}

export const nothingLeft = (lab: Lab, limitMs: number): Promise<true> =>
  until('nothing of glusterctl to be left', limitMs, async () =>
    (await leftovers(lab)) === '' ? true : undefined,
  );

/**
 * Which repairs a pass plans, and which wait: glusterd is stopped for an edit only where it will start and
 * find its peers again.
 */
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/model/plan.ts';
import { unallowed } from '../../../src/plan/gate.ts';
import { compileRecovery, type Recovery } from '../../../src/plan/recover.ts';
import {
  believe,
  believeBrick,
  believePeer,
  believeVolume,
  edit,
  nodeUuid,
  removeTree,
  setMemory,
  type World,
  world,
} from '../../worlds.ts';

const recovered = (w: World): Recovery =>
  compileRecovery({ view: w.view(), desired: w.desired, prefer: new Map() });

const actionsOf = ({ plan }: Recovery): readonly string[] => plan.steps.map((s) => s.id);
const codesOf = (findings: readonly Finding[]): readonly string[] => findings.map((f) => f.code).sort();

/** The definition of v is gone on node02: an edit there, its glusterd stopped. */
function lacking(): World {
  const w = world({ volumes: [{ name: 'v' }, { name: 'w' }] });
  removeTree(w.node('node02'), 'vols/v');
  return w;
}

interface Case {
  readonly name: string;
  readonly fault: (w: World) => void;
  readonly steps: readonly string[];
  /** What a person has to repair, and what waits for that. */
  readonly unmended: readonly string[];
  readonly waiting?: readonly string[];
}

/** No repair lets the glusterd of node02 start again. */
const neverStarts = (w: World): void => {
  w.node('node02').daemonConfig = { ...w.node('node02').daemonConfig, raw: '' };
};

const CASES: readonly Case[] = [
  { name: 'alone', fault: () => undefined, steps: ['store-repair:node02'], unmended: [] },
  {
    name: 'with an empty leftover directory, which the same stop removes',
    fault: (w) => w.node('node02').directories.add('snaps/x'),
    steps: ['store-repair:node02'],
    unmended: [],
  },
  {
    name: 'with an emptied glusterd.info and a leftover directory: who it is, is repaired by the same stop',
    fault: (w) => {
      edit(w.node('node02'), 'glusterd.info', () => '');
      w.node('node02').directories.add('vols/v.bak');
    },
    steps: ['store-repair:node02'],
    unmended: [],
  },
  {
    name: 'with an emptied glusterd.info, where nobody else can say who it was',
    fault: (w) => {
      edit(w.node('node02'), 'glusterd.info', () => '');
      for (const n of ['node01', 'node03']) edit(w.node(n), `peers/${nodeUuid(2)}`, () => undefined);
      w.node('node02').directories.add('snaps/x');
    },
    steps: [],
    unmended: ['store-file-corrupt'],
    waiting: ['store-stray-directory'],
  },
  {
    name: 'without the owner of a brick among its peers, whom nobody knows, and who has a later version',
    fault: (w) => {
      for (const n of ['node01', 'node02']) edit(w.node(n), `peers/${nodeUuid(3)}`, () => undefined);
      edit(w.node('node03'), 'vols/w/info', (text) => text.replace(/^version=.*$/m, 'version=9'));
    },
    steps: [],
    unmended: ['peer-one-way'],
    waiting: ['volume-missing-on-node'],
  },
  {
    name: 'with a leftover directory of somebody',
    fault: (w) => {
      w.node('node02').directories.add('vols/v.bak');
      w.node('node02').files.set('vols/v.bak/note', 'mine');
    },
    steps: ['store-repair:node02'],
    unmended: [],
  },
  {
    name: 'with two leftover directories, of which one is of somebody',
    fault: (w) => {
      setMemory(w.node('node02'), 'down');
      for (const d of ['snaps/x', 'vols/v.bak']) w.node('node02').directories.add(d);
      w.node('node02').files.set('vols/v.bak/note', 'mine');
    },
    steps: ['store-repair:node02'],
    unmended: ['glusterd-down'],
  },
  {
    name: 'with a leftover directory of somebody on another node',
    fault: (w) => {
      w.node('node03').directories.add('vols/v.bak');
      w.node('node03').files.set('vols/v.bak/note', 'mine');
    },
    steps: ['store-repair:node02+node03'],
    unmended: [],
  },
  {
    name: 'behind a closed port',
    fault: (w) => {
      for (const n of ['node01', 'node03']) believePeer(w.node(n), nodeUuid(2), { connected: false });
    },
    steps: [],
    unmended: ['peer-disconnected'],
    waiting: ['volume-missing-on-node'],
  },
  {
    name: 'where the name of a peer leads nowhere',
    fault: (w) => w.node('node02').resolves.set('node01', []),
    steps: [],
    unmended: ['name-resolution'],
    waiting: ['volume-missing-on-node'],
  },
  {
    name: 'where its own name leads a peer elsewhere: the peer would not find it again',
    fault: (w) => w.node('node01').resolves.set('node02', ['192.0.2.3']),
    steps: [],
    unmended: ['name-resolution'],
    waiting: ['volume-missing-on-node'],
  },
  {
    name: 'where its own name leads a peer elsewhere, and its glusterd is down anyway',
    fault: (w) => {
      w.node('node01').resolves.set('node02', ['192.0.2.3']);
      setMemory(w.node('node02'), 'down');
    },
    steps: ['store-repair:node02'],
    unmended: ['name-resolution'],
  },
  {
    name: 'behind the closed port of another node: no restarted one would hear it',
    fault: (w) => {
      for (const n of ['node01', 'node02']) believePeer(w.node(n), nodeUuid(3), { connected: false });
    },
    steps: [],
    unmended: ['peer-disconnected'],
    waiting: ['volume-missing-on-node'],
  },
  {
    name: 'having forgotten its peers, where one of them is behind a closed port',
    fault: (w) => {
      for (const n of ['node01', 'node03'])
        edit(w.node('node02'), `peers/${nodeUuid(Number(n.slice(4)))}`, () => undefined);
      removeTree(w.node('node02'), 'vols/w');
      believe(w.node('node02'), (state) => ({ ...state, peers: [] }));
      believePeer(w.node('node03'), nodeUuid(1), { connected: false });
    },
    steps: [],
    unmended: ['peer-disconnected'],
    waiting: ['store-wiped'],
  },
  {
    name: 'where two others do not hear each other',
    fault: (w) => {
      believePeer(w.node('node01'), nodeUuid(3), { connected: false });
      believePeer(w.node('node03'), nodeUuid(1), { connected: false });
    },
    steps: ['store-repair:node02'],
    unmended: ['peer-disconnected'],
  },
  {
    name: 'with the glusterd of another node down: what its peers see of it comes first',
    fault: (w) => {
      setMemory(w.node('node03'), 'down');
    },
    steps: ['glusterd-start:node03'],
    unmended: [],
  },
];

describe('a repair that stops glusterd', () => {
  it.each(CASES.map((c) => [c.name, c] as const))('%s', (_name, { fault, steps, unmended, waiting = [] }) => {
    const w = lacking();
    fault(w);
    const recovery = recovered(w);
    expect(actionsOf(recovery)).toEqual(steps);
    expect(codesOf(recovery.unrepaired)).toEqual(unmended);
    expect(codesOf(recovery.deferred)).toEqual(waiting);
    expect(recovery.questions).toEqual([]);
  });
});

/** What node NN has of v by then: its version, and an option; `down`: its glusterd does not run. */
interface Start {
  readonly name: string;
  readonly versions: readonly [number, number, number];
  readonly pings?: Readonly<Record<string, string>>;
  readonly lacking?: readonly string[];
  readonly down: readonly string[];
  readonly prefer?: string;
  readonly fault?: (w: World) => void;
  readonly isOurs?: false;
  readonly steps: readonly string[];
  readonly unmended?: readonly string[];
}

const TOGETHER = 'store-repair:node01+node02+node03';
const STARTS: readonly Start[] = [
  {
    name: 'equal to those that run',
    versions: [2, 2, 2],
    down: ['node03'],
    steps: ['glusterd-start:node03'],
  },
  {
    name: 'ahead and right: with those that get its store, once they have it',
    versions: [2, 2, 3],
    down: ['node03'],
    prefer: 'node03',
    steps: [TOGETHER],
  },
  {
    name: 'ahead and wrong: with the store of the others',
    versions: [2, 2, 3],
    down: ['node03'],
    prefer: 'node01',
    steps: ['store-repair:node03'],
  },
  {
    name: 'two of them ahead and right: all three together',
    versions: [3, 3, 2],
    down: ['node01', 'node02'],
    prefer: 'node01',
    steps: [TOGETHER],
  },
  {
    name: 'another at equal version, and right',
    versions: [2, 2, 2],
    pings: { node03: '33' },
    down: ['node03'],
    prefer: 'node03',
    steps: [TOGETHER],
  },
  {
    name: 'all down: those that agree first',
    versions: [2, 2, 3],
    down: ['node01', 'node02', 'node03'],
    prefer: 'node01',
    steps: ['glusterd-start:node01', 'glusterd-start:node02'],
  },
  {
    name: 'ahead of a node that is not to be stopped: not at all',
    versions: [2, 2, 3],
    down: ['node03'],
    prefer: 'node03',
    fault: neverStarts,
    steps: [],
    unmended: ['glusterd-vol-damaged', 'step-not-possible'],
  },
  {
    name: 'ahead, and the stores are not ours to repair: not at all',
    versions: [2, 2, 3],
    down: ['node03'],
    isOurs: false,
    steps: [],
    unmended: ['step-not-possible'],
  },
  {
    name: 'with a volume that nobody else has, and that is not ours: it would come back',
    versions: [2, 2, 2],
    lacking: ['node01', 'node02'],
    down: ['node03'],
    isOurs: false,
    steps: [],
    unmended: ['step-not-possible'],
  },
  {
    name: 'behind, and that is not ours: its own brick alone is restarted',
    versions: [3, 3, 2],
    down: ['node03'],
    isOurs: false,
    steps: ['glusterd-start:node03'],
  },
  {
    name: 'two of them behind, and that is not ours: both would restart their bricks together',
    versions: [3, 2, 2],
    down: ['node02', 'node03'],
    isOurs: false,
    steps: [],
    unmended: ['step-not-possible', 'step-not-possible'],
  },
];

describe('a glusterd that is down is started', () => {
  it.each(STARTS.map((c) => [c.name, c] as const))('%s', (_name, c) => {
    const w = world({ volumes: [{ name: 'v' }] });
    for (const [i, n] of w.nodes.entries()) {
      const ping = c.pings?.[n.node];
      edit(n, 'vols/v/info', (text) => text.replace(/^version=.*$/m, `version=${String(c.versions[i])}`));
      if (ping !== undefined)
        edit(n, 'vols/v/info', (text) => text.replace('brick-0=', `network.ping-timeout=${ping}\nbrick-0=`));
      if (c.down.includes(n.node)) {
        setMemory(n, 'down');
        n.processes = n.processes.filter((p) => p.role !== 'glusterd');
      }
    }
    for (const node of c.lacking ?? []) {
      removeTree(w.node(node), 'vols/v');
      believeVolume(w.node(node), 'v', () => undefined);
    }
    c.fault?.(w);
    const prefer = new Map(c.prefer === undefined ? [] : [['v', c.prefer]]);
    const isOurs = (f: Finding): boolean => c.isOurs !== false || f.code === 'glusterd-down';
    const recovery = compileRecovery({ view: w.view(), desired: w.desired, prefer }, isOurs);
    expect(actionsOf(recovery)).toEqual(c.steps);
    expect(codesOf(recovery.unrepaired)).toEqual(c.unmended ?? []);
  });
});

describe('a repair of stores that finishes a deletion', () => {
  const halfDeleted = (status: 'stopped' | 'started'): World => {
    const w = world({ volumes: [{ name: 'v', status }, { name: 'w' }] });
    w.desired = {
      ...w.desired,
      volumes: w.desired.volumes.map((v) => (v.name === 'v' ? { ...v, state: 'absent' } : v)),
    };
    removeTree(w.node('node02'), 'vols/v');
    return w;
  };

  it('is as destructive as what it removes, and names it', () => {
    const w = halfDeleted('stopped');
    const { plan } = recovered(w);
    expect(plan.steps).toMatchObject([
      {
        action: 'store-repair',
        risk: 'destructive',
        destroys: ['volume/v'],
        reason: expect.stringContaining('goes from node01 and node03') as unknown,
      },
    ]);
    expect(unallowed(plan, w.view(), ['volume/w', 'cluster']).map((u) => u.subject)).toEqual(['volume/v']);
    expect(unallowed(plan, w.view(), ['volume/v'])).toEqual([]);
  });

  it('is safe where no disk has the definition any more', () => {
    const w = halfDeleted('stopped');
    for (const node of ['node01', 'node03']) removeTree(w.node(node), 'vols/v');
    const { plan } = recovered(w);
    expect(plan.steps).toMatchObject([{ action: 'store-repair', risk: 'safe' }]);
    expect(unallowed(plan, w.view(), [])).toEqual([]);
  });
});

describe('a brick that glusterd has to start', () => {
  const stopped = (): World => {
    const w = world({ volumes: [{ name: 'v' }] });
    for (const n of ['node01', 'node02', 'node03']) {
      w.node(n).processes = [];
      w.node(n).pidFiles = [];
      setMemory(w.node(n), 'down');
    }
    return w;
  };
  const started = ['node01', 'node02', 'node03'].map((n) => `glusterd-start:${n}`);

  it('follows the start of it', () => {
    const bricks = ['node01', 'node02', 'node03'].map((n) => `brick-start-force:${n}:/bricks/d1/v`);
    expect(actionsOf(recovered(stopped()))).toEqual([...started, ...bricks]);
  });

  it('waits where it will not start', () => {
    const w = stopped();
    neverStarts(w);
    const recovery = recovered(w);
    expect(actionsOf(recovery).filter((id) => id.includes('node02'))).toEqual([]);
    expect(codesOf(recovery.deferred)).toEqual(['brick-offline']);
    expect(codesOf(recovery.unrepaired)).toContain('glusterd-vol-damaged');
  });

  it('does not wait where it runs, though it would not start again', () => {
    const w = world({ volumes: [{ name: 'v' }], multiplex: true });
    const node = w.node('node02');
    node.processes = node.processes.filter((p) => p.role !== 'brick');
    node.pidFiles = [];
    node.directories.add('vols/v.bak');
    node.files.set('vols/v.bak/note', 'mine');
    const recovery = recovered(w);
    expect(actionsOf(recovery)).toContain('brick-start-force:node02:/bricks/d1/v');
    expect(recovery.deferred).toEqual([]);
  });
});

describe('bricks that only a restart repairs', () => {
  /** Processes from before an upgrade: they serve, on a socket that glusterd does not expect. */
  const unreachable = (...names: readonly string[]): World => {
    const w = world({ volumes: [{ name: 'v' }] });
    for (const name of names) {
      const node = w.node(name);
      for (const p of node.processes.filter((q) => q.role === 'brick'))
        p.argv = p.argv.map((word, i) => (p.argv[i - 1] === '-S' ? '/var/run/gluster/older.socket' : word));
      believeBrick(node, 'v', { status: 'Stopped', registered: false });
    }
    return w;
  };
  const restart = (name: string): string => `brick-restart:${name}:/bricks/d1/v`;

  it('go one brick of a set at a time', () => {
    const recovery = recovered(unreachable('node02', 'node03'));
    expect(actionsOf(recovery)).toEqual([restart('node02')]);
    expect(recovery.waits).toEqual(['brick/node03:/bricks/d1/v: brick/node02:/bricks/d1/v comes first']);
  });

  it('wait for the heals of the one before, wherever they are counted', () => {
    for (const healing of ['node01', 'node02']) {
      const w = unreachable('node02');
      const at = w.node(healing).paths.get('/bricks/d1/v');
      if (at !== undefined) at.pendingHeals = 3;
      const recovery = recovered(w);
      expect(actionsOf(recovery)).toEqual([]);
      expect(recovery.waits).toEqual([
        `brick/node02:/bricks/d1/v: files are still healed from ${healing}:/bricks/d1/v`,
      ]);
    }
  });

  it('wait while another of the set is down', () => {
    const w = unreachable('node02');
    w.node('node03').processes = w.node('node03').processes.filter((p) => p.role !== 'brick');
    expect(actionsOf(recovered(w))).not.toContain(restart('node02'));
  });
});

describe('a glusterd that would not start again', () => {
  it.each<readonly [string, (w: World) => void]>([
    [
      'for its glusterd.vol is empty',
      (w) => {
        w.node('node02').daemonConfig = { ...w.node('node02').daemonConfig, raw: '' };
      },
    ],
    [
      'for its store is not mounted',
      (w) => {
        w.node('node02').daemonConfig = { ...w.node('node02').daemonConfig, unmounted: '/var/lib/glusterd' };
      },
    ],
    ...['/var/lib/glusterd', '/tmp'].flatMap((path): [string, (w: World) => void][] => [
      [
        `for ${path} is full`,
        (w) => {
          Object.assign(w.node('node02').filesystems.get(path) ?? {}, { freeBytes: 0 });
        },
      ],
      [
        `for ${path} is read-only`,
        (w) => {
          Object.assign(w.node('node02').filesystems.get(path) ?? {}, { readOnly: true });
        },
      ],
    ]),
  ])('is not stopped: %s', (_name, fault) => {
    const w = lacking();
    fault(w);
    expect(actionsOf(recovered(w))).toEqual([]);
  });

  it('is not started either, where its file system is full', () => {
    const w = world();
    const two = w.node('node02');
    setMemory(two, 'down');
    two.processes = two.processes.filter((p) => p.role !== 'glusterd');
    expect(actionsOf(recovered(w))).toContain('glusterd-start:node02');
    Object.assign(two.filesystems.get('/var/lib/glusterd') ?? {}, { freeBytes: 0 });
    expect(actionsOf(recovered(w))).not.toContain('glusterd-start:node02');
  });
});

describe('server quorum', () => {
  it('keeps a repair from stopping one glusterd more, while another is down for good', () => {
    const w = lacking();
    for (const n of w.nodes) {
      const option = ['cluster.server-quorum-type', 'server'] as const;
      edit(n, 'vols/w/info', (text) => text.replace('brick-0=', `${option.join('=')}\nbrick-0=`));
      believeVolume(n, 'w', (v) => ({ ...v, options: new Map([...v.options, option]) }));
    }
    const three = w.node('node03');
    setMemory(three, 'down');
    three.processes = three.processes.filter((p) => p.role !== 'glusterd');
    three.directories.add('vols/v.bak');
    three.files.set('vols/v.bak/note', 'mine');
    const recovery = recovered(w);
    expect(actionsOf(recovery)).not.toContain('store-repair:node02');
    const [refused] = recovery.unrepaired.filter((f) => f.code === 'step-not-possible');
    expect(refused?.evidence.join()).toContain('glusterd on node01 would stop the bricks of w');
  });
});

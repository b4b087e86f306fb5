/**
 * What a glusterd still has to bring up, and when nothing of it counts any more; and how many glusterds
 * quorum lets go together.
 */
import { describe, expect, it } from 'vitest';
import { nodeName } from '../../../src/model/names.ts';
import { needsGrace, unsettled } from '../../../src/view/settled.ts';
import { quorumProblems, wavesOf } from '../../../src/view/quorum.ts';
import {
  believe,
  believeBrick,
  believePeer,
  believeVolume,
  edit,
  nodeUuid,
  setMemory,
  type World,
  world,
  type WorldNode,
} from '../../worlds.ts';

/** The glusterd of this node was started so many seconds ago. */
const age = (n: WorldNode, seconds: number): void => {
  const glusterd = n.processes.find((p) => p.role === 'glusterd');
  n.ticks = (glusterd?.startTicks ?? 0) + seconds * 100;
};
/** Relative to what `ticks` says by then. */
const ageBrick = (n: WorldNode, seconds: number): void => {
  const startTicks = n.ticks - seconds * 100;
  n.processes = n.processes.map((p) => (p.role === 'brick' ? { ...p, startTicks } : p));
};
const waits = (w: World): readonly string[] => unsettled(w.view()).map((x) => `${x.node}: ${x.what}`);
const two = (w: World): WorldNode => w.node('node02');
const offline = (n: WorldNode): void => {
  believeVolume(n, 'v', (v) => ({ ...v, selfHealOnline: false }));
};
const noBrick = (n: WorldNode): void => {
  n.processes = n.processes.filter((p) => p.role !== 'brick');
  believeBrick(n, 'v', { status: 'Stopped' });
};
const option = (n: WorldNode, key: string, value: string): void => {
  believeVolume(n, 'v', (v) => ({ ...v, options: new Map([...v.options, [key, value]]) }));
};
const service = (n: WorldNode, name: string, isOnline: boolean): void => {
  believe(n, (s) => ({ ...s, services: new Map([...s.services, [name, isOnline]]) }));
};

describe('a glusterd', () => {
  it.each<readonly [string, (w: World) => void, readonly string[]]>([
    [
      'is settled where nothing is missing',
      (w) => {
        age(two(w), 5);
      },
      [],
    ],
    [
      'waits for peers that answer and that it does not see',
      (w) => {
        age(two(w), 5);
        believePeer(two(w), nodeUuid(1), { connected: false });
      },
      ['node02: its peer node01'],
    ],
    [
      'waits for peers in the middle of a handshake',
      (w) => {
        age(two(w), 5);
        believePeer(two(w), nodeUuid(1), { state: 'Accepted peer request' });
      },
      ['node02: its peer node01'],
    ],
    [
      'does not wait for a peer whose glusterd is down',
      (w) => {
        age(two(w), 5);
        setMemory(w.node('node01'), 'down');
        for (const n of [two(w), w.node('node03')]) believePeer(n, nodeUuid(1), { connected: false });
      },
      [],
    ],
    [
      'does not wait for a rejected peer: that is a fault',
      (w) => {
        age(two(w), 5);
        believePeer(two(w), nodeUuid(1), { state: 'Peer Rejected' });
      },
      [],
    ],
    [
      'waits for its self-heal daemon',
      (w) => {
        age(two(w), 5);
        offline(two(w));
      },
      ['node02: the self-heal daemon of v'],
    ],
    [
      'does not wait for a daemon for ever: after a minute it is a fault',
      (w) => {
        age(two(w), 61);
        offline(two(w));
      },
      [],
    ],
    [
      'waits for the quota daemon',
      (w) => {
        age(two(w), 5);
        option(two(w), 'features.quota', 'on');
        service(two(w), 'quotad', false);
      },
      ['node02: the quota daemon'],
    ],
    [
      'waits for bitrot and scrubber',
      (w) => {
        age(two(w), 5);
        option(two(w), 'features.bitrot', 'on');
        service(two(w), 'bitd', false);
        service(two(w), 'scrub', false);
      },
      ['node02: the bitrot daemon', 'node02: the scrubber'],
    ],
    [
      'waits for the snapshot daemon',
      (w) => {
        age(two(w), 5);
        option(two(w), 'features.uss', 'enable');
        believeVolume(two(w), 'v', (v) => ({ ...v, snapshotDaemonOnline: false }));
      },
      ['node02: the snapshot daemon of v'],
    ],
    [
      'waits for bricks that it has not started yet',
      (w) => {
        age(two(w), 5);
        noBrick(two(w));
        offline(two(w));
      },
      ['node02: brick /bricks/d1/v of v', 'node02: the self-heal daemon of v'],
    ],
    [
      'does not wait for a brick once self-heal daemons are attached: it has died since',
      (w) => {
        age(two(w), 5);
        noBrick(two(w));
      },
      [],
    ],
    [
      'waits for a brick that is starting, however old glusterd is',
      (w) => {
        believeBrick(two(w), 'v', { status: 'Starting' });
        ageBrick(two(w), 5);
      },
      ['node02: brick /bricks/d1/v of v'],
    ],
    [
      'waits for a brick that is starting, however old the brick is',
      (w) => {
        believeBrick(two(w), 'v', { status: 'Starting' });
        age(two(w), 5);
      },
      ['node02: brick /bricks/d1/v of v'],
    ],
    [
      'does not wait for a brick whose connection glusterd has missed: that is a fault',
      (w) => {
        believeBrick(two(w), 'v', { status: 'Starting' });
        age(two(w), 31);
        ageBrick(two(w), 31);
      },
      [],
    ],
    [
      'waits for a unit that starts again by itself',
      (w) => {
        setMemory(two(w), 'down');
        two(w).processes = two(w).processes.filter((p) => p.role !== 'glusterd');
        two(w).service = { ...two(w).service, active: 'activating' };
      },
      ['node02: systemd to start glusterd again'],
    ],
    [
      'waits for its own answer',
      (w) => {
        age(two(w), 1);
        setMemory(two(w), 'hung');
      },
      ['node02: an answer of glusterd'],
    ],
  ])('%s', (_name, change, expected) => {
    const w = world();
    change(w);
    expect(waits(w)).toEqual(expected);
  });

  it('is given a grace where it is young and heals: the end of attaching shows in nothing', () => {
    const w = world();
    expect(needsGrace(w.view())).toBe(false);
    age(two(w), 5);
    expect(needsGrace(w.view())).toBe(true);
    const distribute = world({ volumes: [{ name: 'v', layout: { kind: 'distribute' } }] });
    age(two(distribute), 5);
    expect(needsGrace(distribute.view())).toBe(false);
  });
});

describe('server quorum', () => {
  const names = (...n: readonly number[]) => n.map((i) => nodeName(`node0${String(i)}`));
  const following = (nodes = 3): World => {
    const w = world({ nodes });
    for (const n of w.nodes)
      edit(n, 'vols/v/info', (text) =>
        text.replace('brick-0=', 'cluster.server-quorum-type=server\nbrick-0='),
      );
    return w;
  };

  it('of a volume that does not follow it lets all go together', () => {
    expect(wavesOf(world().view(), names(1, 2))).toEqual({ waves: [names(1, 2)], isFrozen: false });
  });

  it('lets one of three go at a time, the others frozen meanwhile', () => {
    expect(wavesOf(following().view(), names(2))).toEqual({ waves: [names(2)], isFrozen: false });
    expect(wavesOf(following().view(), names(1, 3))).toEqual({ waves: [names(1), names(3)], isFrozen: true });
  });

  it('lets not all go: whoever starts first would find nobody, and stop its own bricks', () => {
    expect(quorumProblems(names(1, 2, 3), following().view())).toEqual([
      'server quorum: with glusterd stopped on all of node01, node02, node03, ' +
        'each would stop the bricks of v when it starts',
    ]);
  });

  it('lets none go where one more away would make another stop its bricks', () => {
    const w = following();
    const three = w.node('node03');
    three.processes = three.processes.filter((p) => p.role !== 'glusterd');
    setMemory(three, 'down');
    expect(quorumProblems(names(1), w.view())).toEqual([
      'server quorum: without node01, glusterd on node02 would stop the bricks of v',
    ]);
  });

  it('counts by the ratio of the cluster, where one is set', () => {
    const w = following();
    for (const n of w.nodes)
      believe(n, (s) => ({ ...s, globalOptions: new Map([['cluster.server-quorum-ratio', '30%']]) }));
    expect(wavesOf(w.view(), names(1, 3))).toEqual({ waves: [names(1, 3)], isFrozen: false });
  });
});

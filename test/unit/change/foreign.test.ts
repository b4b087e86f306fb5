/**
 * An unfinished transaction, and what others have done to its volume since: what is theirs is never
 * overwritten without a word, and what is ours is taken back when a person says so.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { applyChange } from '../../../src/change/apply.ts';
import { type Change, type Consent, type Host, NO_CONSENT } from '../../../src/change/change.ts';
import { recoverChange } from '../../../src/change/recover.ts';
import { runChange } from '../../../src/change/run-change.ts';
import { exitCodeOf } from '../../../src/cli/exit-codes.ts';
import { volumeName } from '../../../src/model/names.ts';
import type { NodeLink } from '../../../src/model/node-link.ts';
import type { RunResult } from '../../../src/model/event.ts';
import type { SimCall } from '../../../src/simulator/fault.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import { owner } from '../../contract/harness.ts';
import { desiredOf, NODES } from '../../laws/fault-run.ts';
import { simulatedHost } from './simulated-host.ts';

const bricks = NODES.map((n) => `${n}:/bricks/d1/old`);
const PING = desiredOf(
  `  old: { replica: 3, bricks: [${bricks.join(', ')}], options: { network.ping-timeout: 21 } }`,
);
const GIVEN = { desired: PING, file: 'cluster.yaml', allowDestroy: [], prefer: new Map<string, string>() };
const ID = '20260101T000001Z-00000000';
const SILENCE_MS = 40_000;
const HOUR_MS = 60 * 60_000;
const JOURNAL = `/var/lib/glusterctl/transactions/${ID}`;

let cluster: SimCluster;
let started: number;
let asked: string[];
let notices: string[];

function hostOn(link: (node: string) => NodeLink, hasPerson = false): Host {
  [asked, notices] = [[], []];
  const since = new Date(cluster.clock.now()).toISOString();
  return simulatedHost(cluster, link, {
    newOwner: () => ({ ...owner(`20260101T00000${String((started += 1))}Z-00000000`), since }),
    showUnfinished: (sentences) => void asked.push(...sentences),
    hasPerson: () => hasPerson,
    progress: () => ({
      onEvent: (event) => {
        if (event.type === 'notice') notices.push(event.message);
      },
      finish: () => Promise.resolve(),
    }),
  });
}

const gluster = async (words: string): Promise<void> => {
  const answer = await cluster.gluster('node01', words.split(' '));
  if (answer.kind !== 'done') throw new Error(answer.message);
};
const option = (key: string): readonly string[] =>
  NODES.map(
    (n) =>
      cluster
        .node(n)
        .info('old')
        .find((line) => line.startsWith(`${key}=`)) ?? 'not set',
  );
const everywhere = (text: string): readonly string[] => NODES.map(() => text);
const stateWords = (): readonly (string | undefined)[] =>
  NODES.map((n) => cluster.node(n).disk.read(`${JOURNAL}/state`)?.trim());

beforeEach(async () => {
  cluster = SimCluster.create({ seed: 3, nodes: NODES, killMode: 'process' });
  await cluster.formPool();
  started = 0;
  await gluster(`volume create old replica 3 ${bricks.join(' ')}`);
  await gluster('volume start old');
  await cluster.clock.sleep(10_000);
});

/** The controller ends right after its command took effect everywhere. */
async function dieInCommit(): Promise<void> {
  cluster.inject([
    {
      at: ({ op }) => op?.kind === 'gluster' && op.argv[1] === 'set',
      fault: { kind: 'controller-death', silent: false, when: 'after' },
    },
  ]);
  const change = applyChange({ ...GIVEN, saved: undefined, noRepair: false });
  void runChange(
    change,
    hostOn((n) => cluster.link(n)),
  );
  await cluster.clock.sleep(SILENCE_MS);
  expect(option('network.ping-timeout')).toEqual(everywhere('network.ping-timeout=21'));
}

async function recovered(consent: Partial<Consent> = {}, hasPerson = false): Promise<RunResult> {
  const second = cluster.controller(`another-${String(started)}`);
  const change: Change = recoverChange({ ...GIVEN, consent: { ...NO_CONSENT, ...consent } });
  return await runChange(
    change,
    hostOn((n) => second.link(n), hasPerson),
  );
}

const finish = new Set([ID]);
const discard = new Set([volumeName('old')]);
const detailsOf = ({ failures }: RunResult): string => failures.flatMap((f) => f.details ?? []).join('\n');
const fixesOf = ({ failures }: RunResult): string => failures.map((f) => f.fix).join('\n');

it('is finished by --yes alone while it is fresh and untouched', async () => {
  await dieInCommit();
  expect(await recovered()).toMatchObject({ outcome: 'applied' });
  expect(option('network.ping-timeout')).toEqual(everywhere('not set'));
  expect(stateWords()).toEqual(everywhere('rolled-back'));
});

describe('with another key set by hand since', () => {
  beforeEach(async () => {
    await dieInCommit();
    await gluster('volume set old auth.allow 10.*');
  });

  it('is not finished by --yes alone: the key is named on every node, and nothing changes', async () => {
    const result = await recovered();
    expect(exitCodeOf(result)).toBe(8);
    for (const node of NODES)
      expect(detailsOf(result)).toContain(
        `${node}: volume old: auth.allow is 10.*, was not set; the transaction did not touch it`,
      );
    expect(fixesOf(result)).toContain(`--finish ${ID}`);
    expect(fixesOf(result)).toContain(`--abandon ${ID}`);
    expect(option('network.ping-timeout')).toEqual(everywhere('network.ping-timeout=21'));
    expect(option('auth.allow')).toEqual(everywhere('auth.allow=10.*'));
  });

  it.each([
    ['by --finish', { finish }, false],
    ['by a person who has read what was changed', {}, true],
  ] as const)('is finished %s: ours goes, theirs stays', async (_name, consent, hasPerson) => {
    expect(await recovered(consent, hasPerson)).toMatchObject({ outcome: 'applied' });
    if (hasPerson) expect(asked.join('\n')).toContain('auth.allow is 10.*');
    expect(option('network.ping-timeout')).toEqual(everywhere('not set'));
    expect(option('auth.allow')).toEqual(everywhere('auth.allow=10.*'));
    expect(stateWords()).toEqual(everywhere('rolled-back'));
  });

  it('is put back whole by --discard-changes', async () => {
    expect(await recovered({ discard })).toMatchObject({ outcome: 'applied' });
    expect(option('network.ping-timeout')).toEqual(everywhere('not set'));
    expect(option('auth.allow')).toEqual(everywhere('not set'));
  });

  it('is closed by --abandon: everything stays, and the journal says who did it', async () => {
    expect(await recovered({ abandon: new Set([ID]) })).toMatchObject({ outcome: 'applied' });
    expect(option('network.ping-timeout')).toEqual(everywhere('network.ping-timeout=21'));
    expect(option('auth.allow')).toEqual(everywhere('auth.allow=10.*'));
    expect(stateWords()).toEqual(everywhere('abandoned'));
    const record = cluster.node('node02').disk.read(`${JOURNAL}/abandoned.json`) ?? '';
    expect(JSON.parse(record)).toMatchObject({
      user: 'eva',
      since: expect.stringMatching(/^2026-/) as string,
    });
    expect(await recovered()).toMatchObject({ outcome: 'nothing-to-do' });
  });
});

describe.each([
  [
    'the same key set since',
    async () => gluster('volume set old network.ping-timeout 30'),
    'network.ping-timeout is 30',
  ],
  [
    'the volume deleted and created again since',
    async () => {
      await gluster('volume stop old');
      await gluster('volume delete old');
      await gluster(`volume create old replica 3 ${bricks.map((b) => `${b}2`).join(' ')}`);
    },
    'volume-id is',
  ],
])('with %s', (_name, change, named) => {
  it('needs --discard-changes, whoever is there', async () => {
    await dieInCommit();
    await change();
    const now = cluster.node('node02').info('old');
    for (const [consent, hasPerson] of [
      [{}, false],
      [{}, true],
      [{ finish }, true],
    ] as const) {
      const result = await recovered(consent, hasPerson);
      expect(exitCodeOf(result)).toBe(8);
      expect(detailsOf(result)).toContain(named);
      expect(fixesOf(result)).toContain(`--finish ${ID} --discard-changes volume/old`);
    }
    expect(cluster.node('node02').info('old')).toEqual(now);
    expect(await recovered({ finish, discard })).toMatchObject({ outcome: 'applied' });
    expect(option('network.ping-timeout')).toEqual(everywhere('not set'));
    expect(option('status')).toEqual(everywhere('status=1'));
  });
});

it('a node without the journal is not judged by it, and its glusterd goes on', async () => {
  await dieInCommit();
  cluster.node('node03').disk.remove(JOURNAL);
  const { daemon } = cluster.node('node03');
  const result = await recovered();
  expect(exitCodeOf(result)).toBe(8);
  expect(detailsOf(result)).toBe('node03 keeps no journal of it, and has volume old otherwise than it was');
  expect(await recovered({ finish })).toMatchObject({ outcome: 'applied' });
  expect(option('network.ping-timeout')).toEqual(everywhere('not set'));
  expect(cluster.node('node03').daemon).toBe(daemon);
});

it('a node without the journal is not restarted for an image that it does not have', async () => {
  const path = '/var/lib/glusterd/vols/old';
  const isSet = ({ op }: SimCall): boolean => op?.kind === 'gluster' && op.argv[1] === 'set';
  cluster.inject([
    { at: isSet, fault: { kind: 'immutable', node: 'node02', path } },
    { at: isSet, fault: { kind: 'controller-death', silent: false, when: 'after' } },
  ]);
  const change = applyChange({ ...GIVEN, saved: undefined, noRepair: false });
  void runChange(
    change,
    hostOn((n) => cluster.link(n)),
  );
  await cluster.clock.sleep(SILENCE_MS);
  await cluster.node('node02').fault({ kind: 'mutable', path });
  const set = 'network.ping-timeout=21';
  expect(option('network.ping-timeout')).toEqual([set, 'not set', set]);
  cluster.node('node03').disk.remove(JOURNAL);
  const { daemon } = cluster.node('node03');
  expect(await recovered({ finish })).toMatchObject({ outcome: 'applied' });
  expect(option('network.ping-timeout')).toEqual(everywhere('not set'));
  expect(cluster.node('node03').daemon).toBe(daemon);
});

it('is not finished by --yes alone when it is old', async () => {
  await dieInCommit();
  await cluster.clock.sleep(2 * HOUR_MS);
  const result = await recovered();
  expect(exitCodeOf(result)).toBe(8);
  expect(detailsOf(result)).toBe('it began 2 hours ago');
  expect(await recovered({ finish })).toMatchObject({ outcome: 'applied' });
  expect(option('network.ping-timeout')).toEqual(everywhere('not set'));
});

it.each([['finish'], ['abandon']] as const)(
  'a transaction that no node keeps is a mistake (--%s)',
  async (flag) => {
    await dieInCommit();
    const result = await recovered({ [flag]: new Set([`${ID.slice(0, -1)}9`]) });
    expect(exitCodeOf(result)).toBe(4);
    expect(result.failures[0]?.title).toContain(`did you mean "${ID}"?`);
  },
);

/** In a live rollback: the commit fails on node02, and somebody else sets a key meanwhile. */
it('takes back only its own keys while it runs', async () => {
  const path = '/var/lib/glusterd/vols/old';
  const isSet = ({ op }: { op: { kind: string; argv?: readonly string[] } | undefined }): boolean =>
    op?.kind === 'gluster' && op.argv?.[1] === 'set';
  cluster.inject([
    { at: isSet, fault: { kind: 'immutable', node: 'node02', path } },
    { at: isSet, fault: { kind: 'mutable', node: 'node02', path, when: 'after' } },
    {
      at: isSet,
      fault: {
        kind: 'act',
        when: 'after',
        act: () => gluster('volume set old auth.allow 10.*'),
      },
    },
  ]);
  const change = applyChange({ ...GIVEN, saved: undefined, noRepair: false });
  const result = await runChange(
    change,
    hostOn((n) => cluster.link(n)),
  );
  expect(result.outcome).toMatch(/^rolled-back|^rollback-incomplete/);
  expect(option('network.ping-timeout')).toEqual(everywhere('not set'));
  expect(option('auth.allow')).toEqual(everywhere('auth.allow=10.*'));
  expect(notices.join('\n')).toContain('left as it is: node01: volume old: auth.allow is 10.*');
});

describe('a repair by recover', () => {
  const path = '/var/lib/glusterd/vols/old';
  const isEdit = ({ node, op }: SimCall): boolean => node === 'node02' && op?.kind === 'edit-store';

  /** Node02 is one change behind. */
  beforeEach(async () => {
    await cluster.node('node02').fault({ kind: 'immutable', path });
    await cluster.gluster('node01', ['volume', 'set', 'old', 'network.ping-timeout', '30']);
    await cluster.node('node02').fault({ kind: 'mutable', path });
  });

  it('whose controller died is not taken back over what others set since', async () => {
    cluster.inject([{ at: isEdit, fault: { kind: 'controller-death', silent: false, when: 'after' } }]);
    void runChange(
      recoverChange(GIVEN),
      hostOn((n) => cluster.link(n)),
    );
    await cluster.clock.sleep(SILENCE_MS);
    for (const n of NODES) await cluster.node(n).fault({ kind: 'start-glusterd' });
    await cluster.clock.sleep(SILENCE_MS);
    await gluster('volume set old auth.allow 10.*');
    const result = await recovered();
    expect(exitCodeOf(result)).toBe(8);
    expect(detailsOf(result)).toContain('auth.allow is 10.*');
    expect(option('auth.allow')).toEqual(everywhere('auth.allow=10.*'));
  });

  it('that cannot be taken back is not said to be, and leaves no glusterd down', async () => {
    const isStart = ({ node, op }: SimCall): boolean => node === 'node02' && op?.kind === 'start-glusterd';
    cluster.inject([
      { at: isStart, fault: { kind: 'drop-answer' } },
      { at: isStart, fault: { kind: 'immutable', path, when: 'after' } },
    ]);
    const result = await runChange(
      recoverChange(GIVEN),
      hostOn((n) => cluster.link(n)),
    );
    expect(exitCodeOf(result)).toBe(6);
    for (const n of NODES) expect([n, cluster.node(n).daemon !== undefined]).toEqual([n, true]);
  });
});

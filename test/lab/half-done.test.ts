/**
 * What `gluster` leaves half done on real glusterd, and one `apply` that ends it, while a client writes to
 * another volume: none of its bricks changes, and no write fails. A few run always; LAB_FULL=1 runs them all.
 */
import assert from 'node:assert/strict';
import { clusterFile, glusterctl, gluster } from './cluster.ts';
import { type Lab, startWriter } from './lab.ts';
import { failing, on } from './recover-acts.ts';
import { bricksRunning, isHealthy, seen, Stage, VOL } from './recover-case.ts';
import { describeLab, itFull, withLab } from './suite.ts';

const STORE = '/var/lib/glusterd/vols';
const NODES = ['node01', 'node02', 'node03'];
const BRICKS = NODES.map((n) => `${n}:/bricks/d2/half`).join(' ');

const half = (state: string, more: string): string =>
  `${VOL}\n  half: { state: ${state}, replica: 3, bricks: [${BRICKS.replaceAll(' ', ', ')}]${more} }`;

interface Story {
  readonly name: string;
  readonly more?: string;
  /** What the file says where it runs always. */
  readonly always?: 'started' | 'absent';
  readonly arrange: (lab: Lab) => Promise<unknown>;
}

const CREATE = `gluster --mode=script volume create half replica 3 ${BRICKS}`;

/** Whether the brick is one in the eyes of glusterd. */
const MARKS =
  'getfattr -d -m "^trusted[.](glusterfs[.]|gfid)" /bricks/d2/half 2>/dev/null | grep -q trusted || ' +
  '[ -e /bricks/d2/half/.glusterfs ] && echo marked || echo none';

/** A command that one store refuses. */
async function refusedBy(lab: Lab, path: string, command: string): Promise<void> {
  await lab.node('node03').immutable(path);
  await failing('node01', `gluster --mode=script ${command}`)(lab);
  await lab.node('node03').mutable(path);
}

async function halfDeleted(lab: Lab): Promise<void> {
  await on('node01', CREATE)(lab);
  await refusedBy(lab, `${STORE}/half`, 'volume delete half');
}

const STORIES: readonly Story[] = [
  { name: 'half deleted', always: 'absent', arrange: halfDeleted },
  {
    name: 'resurrected',
    arrange: async (lab) => {
      await halfDeleted(lab);
      await on('node01', 'systemctl restart glusterd')(lab);
      await seen(lab, 'node01', `ls ${STORE}`, /^half$/m);
    },
  },
  {
    name: 'half created',
    always: 'started',
    arrange: (lab) => refusedBy(lab, STORE, `volume create half replica 3 ${BRICKS}`),
  },
  {
    name: 'half set',
    always: 'started',
    more: ', options: { network.ping-timeout: 21 }',
    arrange: async (lab) => {
      await on('node01', `${CREATE} && gluster --mode=script volume start half`)(lab);
      await refusedBy(lab, `${STORE}/half`, 'volume set half network.ping-timeout 21');
    },
  },
];

describeLab('half done, then one apply', () => {
  let lab: Lab;
  let stage: Stage;
  withLab({ nodes: 3, clients: 1 }, (up) => {
    lab = up;
    stage = new Stage(lab);
  });

  for (const { name, more = '', always, arrange } of STORIES)
    for (const state of ['started', 'absent'])
      itFull(
        `${name}, and the file says ${state}`,
        async () => {
          stage.distrust();
          const { mount } = await stage.healthy(VOL);
          assert.ok(mount !== undefined);
          await arrange(lab);
          const writer = await startWriter(mount);
          const before = bricksRunning(lab);
          const file = clusterFile(lab, half(state, more));
          const allow = state === 'absent' ? ['--allow-destroy', 'volume/half'] : [];
          const applied = await glusterctl('apply', file, '--yes', ...allow);
          assert.equal(applied.code, 0, applied.stdout + applied.stderr);
          await isHealthy(lab, file);
          for (const [brick, pids] of before)
            if (brick.endsWith('/vol')) assert.deepEqual(bricksRunning(lab).get(brick), pids, brick);
          const volumes = (await gluster(lab.node('node02'), 'volume list')).trim().split('\n').sort();
          assert.deepEqual(volumes, state === 'absent' ? ['vol'] : ['half', 'vol']);
          const marked = await Promise.all(lab.nodes.map((n) => n.run(MARKS).then((r) => r.stdout.trim())));
          assert.deepEqual(new Set(marked), new Set([state === 'absent' ? 'none' : 'marked']));
          assert.deepEqual((await writer.stop()).errors, []);
          await mount.unmount();
        },
        state === always,
      );
});

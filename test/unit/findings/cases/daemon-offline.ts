/** Worlds that give `daemon-offline`, and what `recover` would do. */
import { believe, believeVolume, type World } from '../../../worlds.ts';
import { broken, type FindingCase, killBrick, setOption } from '../case.ts';

const using = (option: string, services: Readonly<Record<string, boolean>>, w: World): void => {
  for (const n of w.nodes) {
    setOption(n, option, 'on');
    believe(n, (s) => ({ ...s, services: new Map(Object.keys(services).map((name) => [name, true])) }));
  }
  believe(w.node('node02'), (s) => ({ ...s, services: new Map(Object.entries(services)) }));
};

export const CASES: readonly FindingCase[] = [
  {
    name: 'the quota daemon',
    world: broken((w) => {
      using('features.quota', { quotad: false }, w);
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'warning',
    says: ['quotad on node02 does not run', 'which volume v needs'],
    recovery: ['start quotad by "volume start v force"'],
  },
  {
    name: 'bitd and the scrubber: one command',
    world: broken((w) => {
      using('features.bitrot', { bitd: false, scrub: false, quotad: false }, w);
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['bitd and scrub on node02 do not run'],
    recovery: ['start bitd, scrub by "volume start v force"'],
  },
  {
    name: 'the snapshot daemon',
    world: broken((w) => {
      using('features.uss', {}, w);
      believeVolume(w.node('node02'), 'v', (v) => ({ ...v, snapshotDaemonOnline: false }));
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    recovery: ['start snapd by "volume start v force"'],
  },
  {
    name: 'beside a dead brick, which comes first',
    world: broken((w) => {
      using('features.quota', { quotad: false }, w);
      killBrick(w.node('node02'));
    }),
    also: ['brick-offline'],
    subject: 'node/node02',
    nodes: ['node02'],
    recovery: ['start brick node02:/bricks/d1/v of volume v'],
  },
];

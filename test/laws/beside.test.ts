/**
 * An administrator's command at the same instant as one of ours: what it did stands, and a command of ours
 * that was decided on an earlier state is not sent over it.
 */
import { expect, it } from 'vitest';
import type { FaultAt } from '../../src/simulator/fault.ts';
import { STORE } from '../../src/simulator/world.ts';
import { aftermathRun, type Scenario, type Since } from './aftermath.ts';

const admin = (at: number, node: string, afterMs: number, ...argv: readonly string[]): FaultAt => ({
  at,
  fault: { kind: 'admin', node, argv: ['volume', ...argv], afterMs },
});
const refusing = (at: number, node: string, volume: string): FaultAt => ({
  at,
  fault: { kind: 'immutable', node, path: `${STORE}/vols/${volume}` },
});
const cacheSize = ['set', 'old', 'performance.cache-size', '128MB', 'performance.io-thread-count', '24'];
const replaced = ['node01:/bricks/d1/old', 'node01:/bricks/d3/old3', 'commit', 'force'];
const authAllow: Since = {
  kind: 'by-hand',
  node: 'node01',
  argv: ['volume', 'set', 'old', 'auth.allow', '10.*'],
};

/** Found at random: the moments are those of their seeds. */
it.each<[string, number, Omit<Scenario, 'since'> & Partial<Scenario>]>([
  [
    'the same option, while ours is taken back',
    700452,
    {
      change: 'options',
      faults: [
        { at: 25, fault: { kind: 'kill-lock-holder', node: 'node01', when: 'before' } },
        admin(31, 'node01', 0, 'set', 'old', 'network.ping-timeout', '33'),
      ],
    },
  ],
  [
    'a stop of another volume, while images are put back',
    702032,
    { change: 'delete', faults: [refusing(14, 'node02', 'idle'), admin(44, 'node02', 0, 'stop', 'old')] },
  ],
  [
    'two options of another volume on two nodes, while the glusterds of both are stopped in turn',
    11004112,
    {
      change: 'delete',
      faults: [
        admin(35, 'node03', 291, 'set', 'old', 'performance.cache-size', '128MB', 'user.who', 'eva'),
        admin(35, 'node02', 0, 'set', 'old', 'network.ping-timeout', '33'),
        refusing(17, 'node02', 'idle'),
      ],
    },
  ],
  [
    'a stop that its node cannot store: what glusterd remembers of it is written by a later command',
    11026692,
    {
      change: 'fewer copies',
      faults: [admin(33, 'node01', 0, 'stop', 'old'), refusing(20, 'node01', 'old')],
      since: [{ kind: 'wait', ms: 1_800_000 }],
    },
  ],
  [
    'a stop and an option, while the journals are written',
    249727,
    {
      change: 'options',
      faults: [
        admin(7, 'node01', 173, 'stop', 'old'),
        admin(7, 'node01', 0, ...cacheSize),
        { at: 22, fault: { kind: 'controller-death', silent: false } },
      ],
    },
  ],
  [
    'a brick that is replaced half, and waits until the nodes agree',
    140102,
    {
      change: 'options',
      faults: [refusing(1, 'node01', 'old'), admin(1, 'node03', 0, 'replace-brick', 'old', ...replaced)],
    },
  ],
  [
    'an option, and a node that no command reaches takes it over',
    305803,
    {
      change: 'options',
      faults: [{ at: 34, fault: { kind: 'power-off', node: 'node03' } }, refusing(14, 'node02', 'old')],
      since: [authAllow],
    },
  ],
  [
    'a brick that glusterd starts while we launch it',
    832612,
    {
      change: 'stop',
      faults: [
        refusing(11, 'node01', 'old'),
        {
          at: 12,
          fault: { kind: 'admin', node: 'node01', argv: ['volume', 'replace-brick', 'old', ...replaced] },
        },
        { at: 14, fault: { kind: 'admin', node: 'node02', argv: ['volume', ...cacheSize] } },
      ],
    },
  ],
  [
    'a stop while a node boots, which then rejects another without a reason',
    1008212,
    {
      change: 'create',
      faults: [
        { at: 15, fault: { kind: 'admin', argv: ['volume', 'stop', 'old'] } },
        { at: 7, fault: { kind: 'reboot', when: 'before' } },
      ],
    },
  ],
  [
    'an option, which a glusterd that has just started takes over',
    1009307,
    {
      change: 'delete',
      faults: [
        { at: 9, fault: { kind: 'admin', argv: ['volume', ...cacheSize], afterMs: 183 } },
        { at: 9, fault: { kind: 'restart-glusterd', node: 'node02', when: 'after' } },
      ],
    },
  ],
])('%s', async (_name, seed, scenario) => {
  const { broken, recoveries } = await aftermathRun({ since: [], ...scenario }, seed);
  expect({ broken, last: recoveries.at(-1) }).toEqual({ broken: [], last: 0 });
});

it('what is no longer ours is judged again, and no glusterd is stopped for it', async () => {
  const faults: readonly FaultAt[] = [
    { at: 25, fault: { kind: 'kill-lock-holder', node: 'node01', when: 'before' } },
    admin(31, 'node01', 0, 'set', 'old', 'network.ping-timeout', '33'),
  ];
  const { exit, trace } = await aftermathRun({ change: 'options', faults, since: [] }, 700452);
  expect(exit).toBe(3);
  expect(trace.filter((line) => /glusterd \d+ TERM$/.test(line))).toEqual([]);
});

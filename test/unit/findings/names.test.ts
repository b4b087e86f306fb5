/**
 * A fault is the same fault whatever the nodes are called: the same findings, and the same steps, with the
 * names put in. No subject is cut at a colon of an address or of a path.
 */
import { describe, expect, it } from 'vitest';
import { findAll } from '../../../src/findings/index.ts';
import { placeOfSubject } from '../../../src/model/names.ts';
import { compileRecovery } from '../../../src/plan/recover.ts';
import { volumeOfSubject } from '../../../src/view/view.ts';
import { brickProcess, believeVolume, edit, type World, world } from '../../worlds.ts';
import { addFile, forget, killBrick, replace, wipe } from './case.ts';

const PLAIN = ['node01', 'node02', 'node03'];
const NAMES: readonly (readonly [string, readonly string[]])[] = [
  ['IPv6 addresses', ['fd00:77::11', 'fd00:77::12', 'fd00:77::13']],
  ['IPv4 addresses', ['192.0.2.1', '192.0.2.2', '192.0.2.3']],
  ['names with an underscore', ['gl_1', 'gl_2', 'gl_3']],
  ['long names', ['gl1.node.dc1.example', 'gl2.node.dc1.example', 'gl3.node.dc1.example']],
];

/** On the second node. */
const FAULTS: readonly (readonly [string, (w: World) => void])[] = [
  [
    'a dead brick',
    (w) => {
      killBrick(second(w));
    },
  ],
  [
    'an orphan',
    (w) => {
      for (const n of w.nodes) {
        edit(n, 'vols/v/info', replace('status=1', 'status=2'));
        believeVolume(n, 'v', (v) => ({ ...v, status: 'stopped' }));
      }
    },
  ],
  [
    'marks of a volume that is gone',
    (w) => {
      const [volume] = w.desired.volumes;
      if (volume === undefined) throw new Error('no volume');
      for (const n of w.nodes) {
        for (const path of [...n.files.keys()]) if (path.startsWith('vols/')) n.files.delete(path);
        for (const path of [...n.directories]) if (path.startsWith('vols/')) n.directories.delete(path);
        n.processes = n.processes.filter((p) => p.role === 'glusterd');
        n.pidFiles = [];
        believeVolume(n, 'v', () => undefined);
      }
    },
  ],
  [
    'a store that is wiped',
    (w) => {
      wipe(second(w));
    },
  ],
  [
    'a peer that is forgotten',
    (w) => {
      forget(second(w), 1);
    },
  ],
  [
    'a leftover',
    (w) => {
      second(w).directories.add('vols/x');
    },
  ],
  [
    'an empty info',
    (w) => {
      addFile(second(w), 'vols/v/info', '');
    },
  ],
  [
    'a second process',
    (w) => {
      const n = second(w);
      const host = n.node;
      n.processes = [
        ...n.processes,
        brickProcess({ volume: 'v', host, path: '/bricks/d1/v', port: 60_000, pid: 1999 }),
      ];
    },
  ],
];

const second = (w: World): World['nodes'][number] => {
  const [, n] = w.nodes;
  if (n === undefined) throw new Error('no second node');
  return n;
};

/** Findings and steps, with every name of a node taken back to its plain one. */
function judged(names: readonly string[], break_: (w: World) => void): readonly string[] {
  const w = world({ names });
  break_(w);
  const view = w.view();
  const { plan } = compileRecovery({ view, desired: w.desired, prefer: new Map() });
  const lines = [
    ...findAll(view, w.desired).map(
      (f) => `${f.code} ${f.subject} ${volumeOfSubject(view, f.subject) ?? ''}`,
    ),
    ...plan.steps.map((s) => s.summary),
  ];
  return lines.map((line) => names.reduce((text, name, i) => text.replaceAll(name, PLAIN[i] ?? ''), line));
}

describe.each(NAMES)('nodes that are known by %s', (_what, names) => {
  it.each(FAULTS)('have the same findings and repairs: %s', (_fault, break_) => {
    const plain = judged(PLAIN, break_);
    expect(plain.length).toBeGreaterThan(0);
    expect(judged(names, break_)).toEqual(plain);
  });
});

describe('the place of a subject', () => {
  it.each([
    ['brick/node01:/b', 'node01', '/b'],
    ['brick/fd00:77::11:/bricks/a', 'fd00:77::11', '/bricks/a'],
    ['brick/::1:/b', '::1', '/b'],
    ['brick/node01:/odd:/path', 'node01', '/odd:/path'],
  ])('of %s', (subject, host, path) => {
    expect(placeOfSubject(subject)).toEqual({ host, path });
  });

  it.each(['volume/v', 'brick/node01', 'brick/:/b', 'brick//a:/b'])('is none of %s', (subject) => {
    expect(placeOfSubject(subject)).toBeUndefined();
  });
});

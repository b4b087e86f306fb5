/** Worlds that give `volume-config-mismatch`, and what `recover` would do. */
import { edit } from '../../../worlds.ts';
import { brickFile, broken, type FindingCase, INFO, on, replace, setOption } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'an option',
    world: broken((w) => {
      for (const n of w.nodes) setOption(n, 'network.frame-timeout', n.node === 'node03' ? '20000' : '10003');
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    says: [
      'node01 and node02: vols/v/info: network.frame-timeout=10003',
      'node03: vols/v/info: network.frame-timeout=20000',
      'version=2',
    ],
    recovery: [
      'on node03, glusterd stopped: take the definition of volume v from node01, rewrite all volfiles',
    ],
  },
  {
    name: 'the credentials, which are not shown',
    world: on('node03', (n) => {
      edit(n, INFO, replace(/^password=.*$/m, 'password=hunter2'));
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    says: ['password differs (not shown)'],
    recovery: [
      'on node03, glusterd stopped: take the definition of volume v from node01, rewrite all volfiles',
    ],
  },
  {
    name: 'the owner in a brick file',
    world: on('node03', (n) => {
      edit(n, brickFile(1), replace(/^brick-id=.*$/m, 'brick-id=v-client-7'));
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    says: ['its brick files', 'brick-id=v-client-7', 'brick-id=v-client-0'],
    recovery: [
      'on node03, glusterd stopped: take the definition of volume v from node01, rewrite all volfiles',
    ],
  },
];

/** Worlds that give `peer-name-wrong`, and what `recover` would do. */
import { believeBrick, believePeer, edit, nodeUuid, type WorldNode } from '../../../worlds.ts';
import { broken, type FindingCase, on, replace } from '../case.ts';

const named =
  (name: string, addresses: readonly string[] | undefined) =>
  (n: WorldNode): void => {
    edit(n, `peers/${nodeUuid(1)}`, replace('hostname1=node01', `hostname1=${name}\nhostname2=node01`));
    if (addresses !== undefined) n.resolves.set(name, addresses);
  };
const RECOVERY = [`on node02, glusterd stopped: write peers/${nodeUuid(1)}`];

export const CASES: readonly FindingCase[] = [
  {
    name: 'a reverse name that does not resolve, and the peer is disconnected by it',
    world: broken((w) => {
      named('host-203-0-113-7.rev.invalid', [])(w.node('node02'));
      believePeer(w.node('node02'), nodeUuid(1), { connected: false });
    }),
    also: ['peer-disconnected'],
    subject: 'peer/node01',
    nodes: ['node02'],
    severity: 'error',
    says: ['does not resolve there', 'writes hostname1=node01'],
    recovery: RECOVERY,
  },
  {
    name: 'localhost',
    world: on('node02', named('localhost', ['127.0.0.1'])),
    subject: 'peer/node01',
    nodes: ['node02'],
    says: ['leads to itself'],
    recovery: RECOVERY,
  },
  {
    name: 'the name of a third one: all are connected, and commands hang',
    world: on('node02', (n) => {
      edit(n, `peers/${nodeUuid(1)}`, replace('hostname1=node01', 'hostname1=node03'));
    }),
    subject: 'peer/node01',
    nodes: ['node02'],
    says: ['leads to node03'],
    recovery: RECOVERY,
  },
  {
    name: 'the name of a third one as a further name, which another node has given it',
    world: broken((w) => {
      for (const name of ['node02', 'node03'])
        edit(
          w.node(name),
          `peers/${nodeUuid(1)}`,
          replace('hostname1=node01', 'hostname1=node01\nhostname2=node03'),
        );
    }),
    also: ['peer-name-wrong'],
    subject: 'peer/node01',
    nodes: ['node02'],
    says: ['node02 has its peer node01 under the name node03, which leads to node03', 'hostname2=node03'],
    recovery: [
      ['node02', 'node03'].map((n) => `on ${n}, glusterd stopped: write peers/${nodeUuid(1)}`).join('; '),
    ],
  },
  {
    name: 'and a brick that glusterd does not find under its name',
    world: on('node03', (n) => {
      edit(n, `peers/${nodeUuid(1)}`, replace('hostname1=node01', 'hostname1=node01\nhostname2=node03'));
      believeBrick(n, 'v', { status: 'Starting' });
    }),
    also: ['brick-not-adopted'],
    subject: 'peer/node01',
    nodes: ['node03'],
    says: ['node03 has its peer node01 under the name node03, which leads to itself'],
    recovery: [`on node03, glusterd stopped: write peers/${nodeUuid(1)}`],
  },
];

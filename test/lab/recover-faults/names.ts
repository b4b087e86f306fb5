/** Peers under wrong names or twice, and a restriction that most copies have lost, as data. */
import { everywhere, inOrder, knowing, on, restartedEdit, stoppedEdit } from '../recover-acts.ts';
import type { FaultCase } from '../recover-case.ts';

const renamed = (name: string): FaultCase['fault'] =>
  knowing('node01', (u) =>
    restartedEdit('node02', `${u}; sed -i s/^hostname1=.*/hostname1=${name}/ peers/$U`),
  );
const OLD = '00000009-0000-4000-8000-000000000001';
const listed = `printf 'uuid=${OLD}\\nstate=3\\nhostname1=node02\\n' >peers/${OLD}`;

export const NAMES: readonly FaultCase[] = [
  {
    name: 'a peer under a reverse name that leads nowhere',
    full: true,
    fault: renamed('host-203-0-113-7.rev.invalid'),
    seen: [['node02', 'gluster peer status', /Disconnected/]],
    found: [['peer-name-wrong', 'peer/node01', ['node02']]],
    beside: ['peer-disconnected', 'self-heal-daemon-offline'],
    ends: { as: 'recovered' },
  },
  {
    name: 'a peer under the name localhost',
    full: true,
    fault: renamed('localhost'),
    seen: [['node02', 'cat /var/lib/glusterd/peers/*', /=localhost/]],
    found: [['peer-name-wrong', 'peer/node01', ['node02']]],
    beside: ['peer-disconnected', 'self-heal-daemon-offline'],
    ends: { as: 'recovered' },
  },
  {
    name: 'a peer under the name of a third one: all are connected, and commands hang',
    full: true,
    fault: renamed('node03'),
    seen: [['node02', 'cat /var/lib/glusterd/peers/*', /hostname1=node03(.|\n)*hostname1=node03/]],
    found: [['peer-name-wrong', 'peer/node01', ['node02']]],
    beside: ['peer-disconnected', 'self-heal-daemon-offline'],
    ends: { as: 'recovered' },
  },
  {
    name: 'a node that was installed again, and is listed twice',
    full: true,
    fault: inOrder(
      everywhere((node) => stoppedEdit(node, node === 'node02' ? ':' : listed)),
      everywhere((node) => on(node, 'systemctl start glusterd')),
    ),
    seen: [['node01', 'gluster peer status', /Number of Peers: 3/]],
    found: [['peer-listed-twice', 'peer/node02', ['node01', 'node02', 'node03']]],
    beside: ['peer-self-listed', 'self-heal-daemon-offline'],
    ends: { as: 'recovered' },
  },
  {
    name: 'auth.allow lost on two of three: asked, and not opened to all',
    full: true,
    fault: inOrder(
      on('node01', 'gluster volume set vol auth.allow 127.0.0.1,10.*'),
      everywhere((node) =>
        stoppedEdit(node, node === 'node03' ? ':' : 'sed -i /^auth.allow/d vols/vol/info'),
      ),
      everywhere((node) => on(node, 'systemctl start glusterd')),
    ),
    alters: true,
    seen: [['node01', 'gluster peer status', /Peer Rejected/]],
    found: [['volume-config-mismatch', 'volume/vol', ['node03']]],
    beside: ['peer-rejected', 'self-heal-daemon-offline'],
    ends: {
      as: 'question',
      says: /auth\.allow=127\.0\.0\.1,10\.\* would be lost/,
      answered: { flags: ['--prefer', 'volume/vol=node03'] },
    },
  },
];

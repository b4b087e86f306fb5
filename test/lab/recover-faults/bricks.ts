/** Bricks with a wrong process, port, mount, volume-id or directory, as data. */
import assert from 'node:assert/strict';
import {
  BRICK,
  at,
  brick,
  deadMount,
  everywhere,
  expectSays,
  inOrder,
  killBrick,
  on,
  restartedEdit,
} from '../recover-acts.ts';
import { type FaultCase, VOL } from '../recover-case.ts';
import { STOPPED } from './files.ts';

const PID_FILE = '/var/run/gluster/vols/vol/node02-bricks-d1-vol.pid';
const OFFLINE = ['gluster volume status vol', /Brick node02:\S+\s+N\/A\s+N\/A\s+N/] as const;
/** A brick's own words, kept to start it again by hand. */
const saveArgv = (path: string): string => String.raw`for p in /proc/[0-9]*; do
[ "$(cat $p/comm 2>/dev/null)" = glusterfsd ] &&
  tr '\0' '\n' <$p/cmdline | grep -qx -- ${path} &&
  tr '\0' '\n' <$p/cmdline | sed "s/.*/'&'/" | tr '\n' ' ' >/tmp/argv
done; test -s /tmp/argv`;
const RUN_ARGV = 'sh -c "$(cat /tmp/argv)"';

const MARK = String.raw`mkdir -p /bricks/d2/next/.glusterfs
setfattr -n trusted.glusterfs.volume-id -v 0xaaaaaaaabbbb4ccc8dddeeeeeeeeeeee /bricks/d2/next
setfattr -n trusted.gfid -v 0x00000000000000000000000000000001 /bricks/d2/next`;

const VOL_AND_NEXT = `${VOL}
  next:
    replica: 3
    bricks: [node01:/bricks/d2/next, node02:/bricks/d2/next, node03:/bricks/d2/next]`;

export const BRICKS: readonly FaultCase[] = [
  {
    name: 'a brick killed',
    fault: killBrick('node02'),
    seen: [['node01', ...OFFLINE]],
    found: [['brick-offline', brick('node02'), ['node02']]],
    ends: { as: 'recovered', restarts: [at('node02')] },
  },
  {
    name: 'a brick killed, and its pid file names a stranger',
    full: true,
    fault: inOrder(
      killBrick('node02'),
      on(
        'node02',
        `setsid sleep 1000 >/dev/null 2>&1 </dev/null & echo $! >/tmp/stranger; cp /tmp/stranger ${PID_FILE}`,
      ),
    ),
    seen: [['node02', `ps -o args= -p $(cat ${PID_FILE})`, /sleep 1000/]],
    found: [['brick-pidfile-stale', brick('node02'), ['node02']]],
    ends: {
      as: 'recovered',
      restarts: [at('node02')],
      also: inOrder(
        (lab) => expectSays(lab, 'node02', 'ps -o args= -p $(cat /tmp/stranger)', /sleep 1000/),
        on('node02', 'kill $(cat /tmp/stranger)'),
      ),
    },
  },
  {
    name: 'two processes for one brick',
    full: true,
    fault: inOrder(
      on('node02', `rm ${PID_FILE}`),
      on('node01', 'gluster --mode=script volume start vol force'),
    ),
    seen: [['node02', 'pgrep -cx glusterfsd', /^2$/m]],
    found: [['brick-process-duplicate', brick('node02'), ['node02']]],
    ends: {
      as: 'recovered',
      restarts: [at('node02')],
      also: (lab) => expectSays(lab, 'node02', 'pgrep -cx glusterfsd', /^1$/m),
    },
  },
  {
    name: 'a brick that runs though its volume is stopped',
    full: true,
    cluster: STOPPED,
    fault: inOrder(
      on('node01', 'gluster --mode=script volume start vol'),
      on('node02', saveArgv(BRICK)),
      on('node01', 'gluster --mode=script volume stop vol'),
      on('node02', RUN_ARGV),
    ),
    seen: [['node02', 'pgrep -cx glusterfsd', /^1$/m]],
    found: [['brick-process-orphan', brick('node02'), ['node02']]],
    ends: {
      as: 'recovered',
      restarts: [at('node02')],
      also: async (lab) => assert.deepEqual(lab.node('node02').brickPids(BRICK), []),
    },
  },
  {
    name: 'a process of a volume that no node knows: somebody may be using it',
    full: true,
    alters: true,
    cluster: `${VOL}\n  old:\n    bricks: [node02:/bricks/d2/old]`,
    file: VOL,
    fault: inOrder(
      on('node02', saveArgv('/bricks/d2/old')),
      on('node01', 'gluster --mode=script volume stop old'),
      on('node02', RUN_ARGV),
      on('node01', 'gluster --mode=script volume delete old'),
    ),
    seen: [['node02', 'pgrep -cx glusterfsd', /^2$/m]],
    found: [['brick-process-orphan', 'brick/node02:/bricks/d2/old', ['node02']]],
    ends: {
      as: 'explained',
      exit: 0,
      says: /which no node knows/,
      answered: {
        by: inOrder(
          async (lab) => assert.equal(lab.node('node02').brickPids('/bricks/d2/old').length, 1),
          (lab) => lab.node('node02').killBrick('/bricks/d2/old'),
        ),
        restarts: ['node02:/bricks/d2/old'],
      },
    },
  },
  {
    name: 'a brick to be started by force, beside one that is not mounted',
    full: true,
    alters: true,
    fault: inOrder(
      on('node01', 'gluster --mode=script volume set all cluster.brick-multiplex on'),
      killBrick('node02'),
      killBrick('node03'),
      (lab) => lab.node('node03').umountBrick(1),
      on('node03', `mkdir -p ${BRICK}`),
    ),
    seen: [['node03', 'mountpoint /bricks/d1', /is not a mountpoint/]],
    found: [
      ['brick-not-mounted', brick('node03'), ['node03']],
      ['brick-offline', brick('node02'), ['node02']],
    ],
    ends: {
      as: 'explained',
      says: /mount it on node03/,
      answered: {
        by: inOrder(
          (lab) => expectSays(lab, 'node03', `getfattr -d -m . ${BRICK} 2>&1; ls -A ${BRICK}`, /^$/),
          (lab) => lab.node('node03').mountBrick(1),
        ),
        restarts: [at('node02'), at('node03')],
        failsWrites: true,
      },
    },
  },
  {
    name: 'Online on a dead port: a wrong listen-port, and a restart',
    full: true,
    fault: restartedEdit('node02', 'sed -i s/^listen-port=.*/listen-port=55555/ vols/vol/bricks/node02:*'),
    seen: [['node01', 'gluster volume status vol', /Brick node02:\S+\s+55555\s+0\s+Y/]],
    found: [['brick-port-mismatch', brick('node02'), ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'a wrong listen-port that glusterd has not read yet',
    full: true,
    fault: on(
      'node02',
      'sed -i s/^listen-port=.*/listen-port=55555/ /var/lib/glusterd/vols/vol/bricks/node02:*',
    ),
    seen: [['node01', 'gluster volume status vol', /Brick node02:\S+\s+(?!55555)\d+\s+0\s+Y/]],
    found: [['brick-port-mismatch', brick('node02'), ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'a mount that died at the path of a brick',
    full: true,
    fault: inOrder(killBrick('node02'), on('node02', deadMount(BRICK))),
    seen: [['node02', `stat ${BRICK} 2>&1 || :`, /Transport endpoint is not connected/]],
    found: [['brick-unread', brick('node02'), ['node02']]],
    ends: {
      as: 'explained',
      says: /repair what is named there on node02/,
      answered: { by: on('node02', `umount -l ${BRICK}`), restarts: [at('node02')] },
    },
  },
  {
    name: 'a brick whose file system is not mounted',
    full: true,
    fault: inOrder(
      killBrick('node02'),
      (lab) => lab.node('node02').umountBrick(1),
      on('node02', `mkdir -p ${BRICK}`),
    ),
    seen: [['node02', 'mountpoint /bricks/d1', /is not a mountpoint/]],
    found: [['brick-not-mounted', brick('node02'), ['node02']]],
    ends: {
      as: 'explained',
      says: /mount it on node02/,
      answered: {
        by: inOrder(
          (lab) => expectSays(lab, 'node02', `getfattr -d -m . ${BRICK} 2>&1; ls -A ${BRICK}`, /^$/),
          (lab) => lab.node('node02').mountBrick(1),
        ),
        restarts: [at('node02')],
      },
    },
  },
  {
    name: 'a brick without its volume-id',
    full: true,
    fault: inOrder(
      killBrick('node02'),
      on(
        'node02',
        `getfattr --absolute-names -d -m volume-id -e hex ${BRICK} >/tmp/id; ` +
          `setfattr -x trusted.glusterfs.volume-id ${BRICK}`,
      ),
    ),
    seen: [['node02', `getfattr --absolute-names -d -m volume-id ${BRICK}`, /^$/]],
    found: [['brick-volume-id-missing', brick('node02'), ['node02']]],
    ends: {
      as: 'explained',
      says: /reset-brick/,
      answered: { by: on('node02', 'setfattr --restore=/tmp/id'), restarts: [at('node02')] },
    },
  },
  {
    name: 'a brick with the volume-id of another volume',
    full: true,
    fault: inOrder(
      killBrick('node02'),
      on(
        'node02',
        `getfattr --absolute-names -d -m volume-id -e hex ${BRICK} >/tmp/id; ` +
          `setfattr -n trusted.glusterfs.volume-id -v 0xaaaaaaaabbbb4ccc8dddeeeeeeeeeeee ${BRICK}`,
      ),
    ),
    seen: [['node02', `getfattr --absolute-names -d -m volume-id -e hex ${BRICK}`, /0xaaaaaaaa/]],
    found: [['brick-volume-id-foreign', brick('node02'), ['node02']]],
    ends: {
      as: 'explained',
      says: /right disk is mounted/,
      answered: { by: on('node02', 'setfattr --restore=/tmp/id'), restarts: [at('node02')] },
    },
  },
  {
    name: 'marks of a creation that failed, on empty directories',
    full: true,
    file: VOL_AND_NEXT,
    fault: everywhere((node) => on(node, MARK)),
    seen: [['node01', 'getfattr --absolute-names -d -m . -e hex /bricks/d2/next', /volume-id=0xaaaa/]],
    found: ['node01', 'node02', 'node03'].map(
      (n) => ['brick-leftover-xattrs', `brick/${n}:/bricks/d2/next`, [n]] as const,
    ),
    ends: {
      as: 'recovered',
      planned: 2,
      also: (lab) =>
        expectSays(lab, 'node01', 'getfattr -d -m . /bricks/d2/next 2>&1; ls -A /bricks/d2/next', /^$/),
    },
  },
  {
    name: 'marks of another volume, with data beside them',
    full: true,
    file: VOL_AND_NEXT,
    fault: inOrder(
      everywhere((node) => on(node, 'mkdir -p /bricks/d2/next')),
      on('node01', `${MARK}\necho mine >/bricks/d2/next/file`),
    ),
    seen: [['node01', 'cat /bricks/d2/next/file', /mine/]],
    found: [['brick-leftover-xattrs', 'brick/node01:/bricks/d2/next', ['node01']]],
    ends: {
      as: 'explained',
      says: /node01:\/bricks\/d2\/next holds; if nothing there is wanted/,
      answered: {
        by: inOrder(
          (lab) =>
            expectSays(
              lab,
              'node01',
              'cat /bricks/d2/next/file; getfattr -d -m . /bricks/d2/next',
              /mine[^]*volume-id/,
            ),
          everywhere((node) => on(node, 'rm -rf /bricks/d2/next')),
        ),
        planned: 2,
      },
    },
  },
];

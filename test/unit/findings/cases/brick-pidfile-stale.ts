/** Worlds that give `brick-pidfile-stale`, and what `recover` would do. */
import { pidFilePath } from '../../../../src/view/view.ts';
import { BRICK, type FindingCase, killBrick, on } from '../case.ts';

const PID_FILE = pidFilePath('v', 'node02', BRICK);

export const CASES: readonly FindingCase[] = [
  {
    name: 'a stranger has the pid',
    world: on('node02', (n) => {
      killBrick(n);
      n.pidFiles = [{ path: PID_FILE, pid: 4711, alive: true }];
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    says: ['4711', 'the brick has none'],
    recovery: [
      `remove the pid file of node02:${BRICK}, which names another process (pid 4711)`,
      `start brick node02:${BRICK} of volume v`,
    ],
  },
];

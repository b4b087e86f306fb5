/** Starts a glusterd that is down or hangs. */
import { glusterdStart } from '../../actions/glusterd-start.ts';
import { NO_ANSWER, type NodeFacts } from '../../model/observed.ts';
import { lacksRoom } from '../../view/room.ts';
import { startBlockers } from '../../view/start-blockers.ts';
import { isUnread } from '../../view/trust.ts';
import { nodesOf, type Repair, stepBefore } from './remedy.ts';

/**
 * Where something in its store keeps it from starting, the finding about that repairs it and starts it. Where
 * its file system is full, its start would lose files; where its store cannot be read, it would start without
 * volumes, or as another node; where the disk of a brick hangs, it would hang too.
 */
export const startGlusterd: Repair = (finding, { view }) =>
  nodesOf(finding, view)
    .filter((facts) => !waitsForDisk(facts))
    .filter((facts) => startBlockers(facts).length === 0 && !isUnread(facts) && !lacksRoom(facts))
    .map(({ node }) => stepBefore(glusterdStart.intent({ node }), finding.message));

/** A glusterd reads the file systems of its bricks when it starts. A frozen one is resumed all the same. */
const waitsForDisk = ({ unreadPaths, processes }: NodeFacts): boolean =>
  [...unreadPaths.values()].includes(NO_ANSWER) &&
  !processes.some((p) => p.role === 'glusterd' && p.state === 'T');

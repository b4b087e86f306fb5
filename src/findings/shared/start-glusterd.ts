/** Starts a glusterd that is down or hangs, where it would come up. */
import { glusterdStart } from '../../actions/glusterd-start.ts';
import { startFaults } from '../../view/start-blockers.ts';
import { nodesOf, type Repair, stepBefore } from './remedy.ts';

/** What would keep it from starting is repaired by the finding about that, with a start. */
export const startGlusterd: Repair = (finding, { view }) =>
  nodesOf(finding, view)
    .filter((facts) => startFaults(view, facts).length === 0)
    .map(({ node }) => stepBefore(glusterdStart.intent({ node }), finding.message));

/** Why bricks cannot be away, or be replaced, as findings. Owns the code of each kind of reason. */
import type { NodeName } from '../../model/names.ts';
import type { Finding } from '../../model/plan.ts';
import type { ReplaceProblem } from '../../view/replacement.ts';

const CODES: Record<ReplaceProblem['kind'], string> = {
  heal: 'heal-pending',
  quorum: 'set-quorum-at-risk',
  task: 'volume-task-pending',
  source: 'only-heal-source',
  place: 'step-not-possible',
  room: 'target-too-small',
};

export const absenceFinding = (
  { kind, subject, message, evidence }: ReplaceProblem,
  nodes: readonly NodeName[],
  remedy: string,
): Finding => ({ code: CODES[kind], severity: 'error', subject, nodes, message, evidence, remedy });

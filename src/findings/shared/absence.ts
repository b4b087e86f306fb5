/** Why bricks cannot be away, as findings. Owns the code of each kind of reason. */
import type { NodeName } from '../../model/names.ts';
import type { Finding } from '../../model/plan.ts';
import type { AbsenceProblem } from '../../view/absence.ts';

const CODES: Record<AbsenceProblem['kind'], string> = {
  heal: 'heal-pending',
  quorum: 'set-quorum-at-risk',
  task: 'volume-task-pending',
};

export const absenceFinding = (
  { kind, subject, message, evidence }: AbsenceProblem,
  nodes: readonly NodeName[],
  remedy: string,
): Finding => ({ code: CODES[kind], severity: 'error', subject, nodes, message, evidence, remedy });

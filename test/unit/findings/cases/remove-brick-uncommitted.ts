/** Worlds that give `remove-brick-uncommitted`. */
import { broken, type FindingCase, leaving } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'a removal that came to its end',
    world: broken((w) => {
      leaving(w, { status: 3, files: 12 });
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    severity: 'warning',
    says: ['node03:/bricks/d1/v', 'completed', '12 files moved'],
  },
];

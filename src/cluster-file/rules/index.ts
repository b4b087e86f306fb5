/** All rules of the cluster file. Each reports everything it finds and relies on no other. */
import { brickRules } from './bricks.ts';
import { layoutRules } from './layout.ts';
import { nodeRules } from './nodes.ts';
import { optionRules } from './options.ts';
import { overlapRules } from './overlaps.ts';
import { protectionRules } from './protection.ts';
import { volumeNameRules } from './volume-names.ts';
import type { Rule } from './rule.ts';

export const RULES: readonly Rule[] = [
  ...nodeRules,
  ...volumeNameRules,
  ...layoutRules,
  ...brickRules,
  ...overlapRules,
  ...optionRules,
  ...protectionRules,
];

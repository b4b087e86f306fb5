/** Rules about protected volumes. */
import { mistake } from '../mistake.ts';
import type { Rule } from './rule.ts';

const isNotAbsent: Rule = ({ volumes }) =>
  volumes.flatMap(({ absent, protect }) =>
    absent && protect !== undefined
      ? [
          mistake(
            protect.at,
            protect.path,
            'a protected volume cannot be absent; to delete it, apply the file without "protect" first, ' +
              'with the volume as it is, and then with "state: absent"',
          ),
        ]
      : [],
  );

export const protectionRules: readonly Rule[] = [isNotAbsent];

/**
 * Protected volumes: remembered on the nodes, and let go by a run of its own. Owns what a plan says of that,
 * and refuses what would destroy one.
 */
import { actionNamed } from '../actions/index.ts';
import { volumeOptions } from '../actions/volume-options.ts';
import type { Desired, DesiredVolume } from '../model/desired.ts';
import { volumeName } from '../model/names.ts';
import type { Finding, Plan, Step } from '../model/plan.ts';
import { PROTECTION } from '../model/protection.ts';
import { isProtectedBy, isProtectedOnNodes } from '../view/protection.ts';
import type { View } from '../view/view.ts';

/** The option that a volume's protection asks for; undefined: it is remembered as the file says. */
export function protectionToSet(
  wanted: DesiredVolume,
  current: ReadonlyMap<string, string>,
): string | undefined {
  if (wanted.protect === isProtectedBy(current)) return undefined;
  return wanted.protect ? 'on' : 'off';
}

/** Remembers the protection, or lets it go. */
export const protectionStep =
  (wanted: DesiredVolume, value: string, view: View) =>
  (after: readonly string[]): Step =>
    volumeOptions.step({ volume: wanted.name, set: { [PROTECTION]: value }, reset: [] }, view, {
      reason: value === 'on' ? 'the file says protect: true' : 'the file no longer says protect: true',
      after,
      key: `${wanted.name}/protect`,
    });

const FIRST =
  'let the protection go first: say of the volume what it is, without protect: true, and apply that alone';

const refusal = (volume: string, message: string, evidence: readonly string[], remedy = FIRST): Finding => ({
  code: 'volume-protected',
  severity: 'error',
  subject: `volume/${volume}`,
  nodes: [],
  message,
  evidence,
  remedy,
});

export const deletionRefused = (volume: string): Finding =>
  refusal(volume, `volume ${volume} is protected, and the file says state: absent`, [
    `its nodes have ${PROTECTION}=on`,
    'state: absent',
  ]);

/** Letting it go together with another change would show nobody that it goes. */
export const mixedRefused = (volume: string, others: readonly Step[]): Finding =>
  refusal(
    volume,
    `volume ${volume} loses its protection, and shall change in the same run`,
    ['the file no longer says protect: true', ...others.map((s) => s.summary)],
    'put the other changes of the volume back in the file, apply that, then make them in a run of their own',
  );

/** Steps that would destroy something of a protected volume, whatever the flags say. */
export function destroysProtected(plan: Plan, view: View, desired: Desired): readonly Finding[] {
  return plan.steps.flatMap((step) =>
    [...new Set(actionNamed(step.action).destroys(step.args, view))].flatMap((subject) => {
      const name = volumeName(subject.replace(/^volume\//, ''));
      const evidence = [
        ...(desired.volumes.some((v) => v.name === name && v.protect) ? ['the file says protect: true'] : []),
        ...(isProtectedOnNodes(view, name) ? [`its nodes have ${PROTECTION}=on`] : []),
      ];
      const message = `volume ${name} is protected: "${step.summary}" is refused`;
      return evidence.length === 0 ? [] : [refusal(name, message, [...evidence, step.reason])];
    }),
  );
}

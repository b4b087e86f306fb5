/**
 * Bricks of the file whose disk was exchanged, as steps: each is reset in its place and filled from the
 * others. Owns their order: one at a time, when nothing of its volume is healed.
 */
import { brickReset } from '../actions/brick-reset.ts';
import { absenceFinding } from '../findings/shared/absence.ts';
import type { Desired } from '../model/desired.ts';
import type { Finding, Json, Plan } from '../model/plan.ts';
import { type LocalBrick, trustedBricks } from '../view/brick.ts';
import { newDiskOf } from '../view/new-disk.ts';
import { healsUnderWay, type Replacing, resetProblems } from '../view/replacement.ts';
import type { View } from '../view/view.ts';
import { NOTHING_OWED, type Owed } from './replacements.ts';

const AGAIN = 'repair that ("glusterctl doctor FILE"), then run the same command';

const replacingOf = ({ volume, facts, brick }: LocalBrick): Replacing => {
  const place = { node: facts.node, path: brick.path };
  return { volume: volume.name, from: place, to: place };
};

/** What is not proved, and not said by `--new-disk`, is left to its finding. */
export function resetSteps(desired: Desired, view: View): Owed {
  const exchanged = trustedBricks(view).flatMap((local) => {
    const disk = isWanted(local, desired) ? newDiskOf(local, view) : undefined;
    const isSaid = desired.newDisks?.includes(local.subject) === true;
    return disk === 'proved' || (disk === 'unproved' && isSaid) ? [{ local, isSaid: disk !== 'proved' }] : [];
  });
  if (exchanged.length === 0) return NOTHING_OWED;
  const steps = exchanged.map(({ local, isSaid }) => {
    const { volume, facts, brick } = local;
    const args = { volume: volume.name, node: facts.node, path: brick.path, isSaid };
    const how = isSaid ? '--new-disk says so' : 'an empty directory on the mounted file system';
    return brickReset.step(args, view, { reason: `${how}; it is healed from the others`, after: [] });
  });
  const findings = exchanged.flatMap(({ local }): readonly Finding[] =>
    resetProblems(replacingOf(local), view).map((problem) => ({
      ...absenceFinding(problem, [local.facts.node], remedyOf(local)),
      subject: local.subject,
    })),
  );
  const [first] = exchanged;
  const waits =
    first === undefined || findings.length > 0 ? [] : healsUnderWay(replacingOf(first.local), view);
  return { steps, findings, waits };
}

/** Subjects of bricks whose disk somebody has called new, as the plan was made. */
export const saidNewIn = ({ steps, later = [] }: Plan): readonly string[] =>
  [...steps, ...later]
    .filter(({ action, args }) => action === brickReset.name && isSaid(args))
    .map(({ subject }) => subject);

const isSaid = (args: Json): boolean =>
  typeof args === 'object' && args !== null && 'isSaid' in args && args.isSaid === true;

/** By the file, in its volume and in its place. */
const isWanted = ({ volume, facts, brick }: LocalBrick, { volumes }: Desired): boolean =>
  volumes.some(
    ({ name, state, bricks }) =>
      name === volume.name &&
      state === 'started' &&
      bricks.some((b) => b.node === facts.node && b.path === brick.path),
  );

const remedyOf = ({ volume, subject }: LocalBrick): string =>
  volume.layout.kind === 'distribute'
    ? 'put the old disk back; where its files are lost: take the brick out of the file, ' +
      `glusterctl apply FILE --allow-destroy ${subject}, and bring the files back from a backup`
    : AGAIN;

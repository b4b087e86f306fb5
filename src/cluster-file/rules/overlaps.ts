/**
 * Rules about bricks that overlap, or whose files do. Linear in the number of bricks: each is compared only
 * with its own parents.
 */
import { mistake, type Mistake } from '../mistake.ts';
import { quoted } from '../text.ts';
import type { WrittenBrick, WrittenVolume } from '../written.ts';
import { faultOfPath, volfileKey } from './bricks.ts';
import { eachPresentVolume, type Rule } from './rule.ts';

interface Claim {
  readonly brick: WrittenBrick;
  readonly volume: WrittenVolume;
}

/** gluster marks a brick's directory, and refuses any other brick there, above it or below it. */
const noPathIsClaimedTwice: Rule = ({ volumes, lineOf }) => {
  const claims = volumes.filter((volume) => !volume.absent).flatMap(claimsOf);
  const findings: Mistake[] = [];
  const owners = new Map<string, Claim>();
  const clash = (a: Claim, b: Claim, words: string): void => {
    const [earlier, later] = a.brick.at <= b.brick.at ? [a, b] : [b, a];
    const where = `volume ${quoted(earlier.volume.name.value)} (line ${String(lineOf(earlier.brick.at))})`;
    findings.push(mistake(later.brick.at, later.brick.path, `${words} ${earlier.brick.value} of ${where}`));
  };
  for (const claim of claims) {
    const owner = owners.get(claim.brick.value);
    if (owner === undefined) owners.set(claim.brick.value, claim);
    else clash(owner, claim, 'is the same brick as');
  }
  for (const claim of claims)
    for (const parent of parentsOf(claim.brick)) {
      const owner = owners.get(parent);
      if (owner === undefined) continue;
      clash(owner, claim, claim.brick.at >= owner.brick.at ? 'lies inside' : 'contains');
    }
  return findings;
};

/** Invalid paths have been reported; comparing them would mislead. */
const claimsOf = (volume: WrittenVolume): Claim[] =>
  volume.bricks
    .filter((brick) => faultOfPath(brick.brickPath) === undefined)
    .map((brick) => ({ brick, volume }));

function parentsOf({ node, brickPath }: WrittenBrick): string[] {
  const parents: string[] = [];
  for (let end = brickPath.lastIndexOf('/'); end > 0; end = brickPath.lastIndexOf('/', end - 1))
    parents.push(`${node}:${brickPath.slice(0, end)}`);
  return parents;
}

/**
 * glusterd names the files of a brick after its path with "-" for "/", so /a/b and /a-b would share theirs.
 */
const brickFilesAreDistinct = eachPresentVolume((volume, { lineOf }) => {
  const findings: Mistake[] = [];
  const owners = new Map<string, WrittenBrick>();
  for (const { brick } of claimsOf(volume)) {
    const owner = owners.get(volfileKey(brick));
    if (owner === undefined) owners.set(volfileKey(brick), brick);
    else if (owner.value !== brick.value) {
      const where = `${owner.value} (line ${String(lineOf(owner.at))})`;
      const reason =
        `glusterd would keep this brick and ${where} in the same file, ` +
        'because it writes "-" for "/"; rename one';
      findings.push(mistake(brick.at, brick.path, reason));
    }
  }
  return findings;
});

export const overlapRules: readonly Rule[] = [noPathIsClaimedTwice, brickFilesAreDistinct];

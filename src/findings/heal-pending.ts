/** Bricks that remember changes which another brick of their set has missed. */
import { PENDING_HEALS_MAX } from '../model/observed.ts';
import { brickFitness, isUnfilled, type LocalBrick, trustedBricks } from '../view/brick.ts';
import { defineFinding, type Found, witness } from './finding.ts';

export const healPending = defineFinding({
  code: 'heal-pending',
  explain: {
    title: 'Heals are pending',
    meaning:
      'A brick holds files that another brick of its set has missed. ' +
      'Until they are healed, this brick may have the only good copy of them. ' +
      'A new brick of a disperse set is named itself: it lacks what the others have.',
    cause: 'A brick was away while clients wrote. The self-heal daemon works through the list by itself.',
    looksAt:
      'The entries in .glusterfs/indices/xattrop of every brick of replica and disperse volumes, ' +
      'and trusted.ec.version of the roots of disperse bricks.',
    repair: 'None: it passes. A restart of another brick of the set waits for it.',
    risk:
      'Taking this brick down before the heal is over makes those files unreadable, ' +
      'or brings back an old state.',
    byHand: ['gluster volume heal VOLUME info summary', 'gluster volume heal VOLUME'],
  },
  detect: (view) =>
    trustedBricks(view).flatMap((local) => {
      const { facts, volume, brick, subject } = local;
      const at = facts.paths.get(brick.path);
      if (at === undefined || volume.status !== 'started' || volume.layout.kind === 'distribute') return [];
      const pending = at.pendingHeals;
      if (pending === undefined) return brickFitness(local) === 'fit' ? [notCounted(local)] : [];
      if (isUnfilled(local, view)) return [unfilled(local)];
      if (pending === 0) return [];
      const count = pending >= PENDING_HEALS_MAX ? `${String(PENDING_HEALS_MAX)} or more` : String(pending);
      return [
        {
          severity: 'info' as const,
          subject,
          nodes: [facts.node],
          message: `brick ${facts.node}:${brick.path} of volume ${volume.name} waits for heals: ${count}`,
          evidence: [witness(facts.node, `${brick.path}/.glusterfs/indices/xattrop`, `entries: ${count}`)],
          remedy: `wait for them: gluster volume heal ${volume.name} info summary`,
        },
      ];
    }),
});

/** It is the one that lacks the files, and none of the others counts them yet. */
const unfilled = ({ facts, volume, brick, subject }: LocalBrick): Found => ({
  severity: 'info',
  subject,
  nodes: [facts.node],
  message:
    `brick ${facts.node}:${brick.path} of volume ${volume.name} is new, and nothing was healed to it yet: ` +
    'the others of its set do not count what it lacks',
  evidence: [
    witness(facts.node, brick.path, 'trusted.ec.version is zero or missing; others of its set have one'),
  ],
  remedy:
    `wait for it: gluster volume heal ${volume.name} info summary; ` +
    `gluster volume heal ${volume.name} begins it`,
});

/** A restart of another brick waits for this too. */
const notCounted = ({ facts, volume, brick, subject }: LocalBrick): Found => ({
  severity: 'warning',
  subject,
  nodes: [facts.node],
  message: `whether brick ${facts.node}:${brick.path} of volume ${volume.name} waits for heals is not known`,
  evidence: [witness(facts.node, `${brick.path}/.glusterfs/indices/xattrop`, 'could not be listed')],
  remedy: `check the disk of the brick on ${facts.node}: dmesg; ls ${brick.path}/.glusterfs/indices/xattrop`,
});

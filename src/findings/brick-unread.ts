/** A brick's directory of which nothing is known, or not which marks it carries. */
import { brickReplace } from '../actions/brick-replace.ts';
import { volumeRemoveCopies } from '../actions/volume-remove-copies.ts';
import { volumeRemoveLost } from '../actions/volume-remove-lost.ts';
import type { Desired } from '../model/desired.ts';
import type { NodeFacts } from '../model/observed.ts';
import { trustedBricks } from '../view/brick.ts';
import type { View } from '../view/view.ts';
import { defineFinding, witness } from './finding.ts';

export const brickUnread = defineFinding({
  code: 'brick-unread',
  explain: {
    title: 'A brick could not be read',
    meaning:
      'The directory of a brick, or its extended attributes, could not be read. ' +
      'Whether it is there, empty, or marked as a brick is not known.',
    cause:
      'A disk that gives errors, a mount that died ("Transport endpoint is not connected"), ' +
      'or getfattr is not installed.',
    looksAt:
      'The words of stat and getfattr about the path: "No such file or directory" alone means ' +
      'that it is not there.',
    repair: 'None: a brick that cannot be read is not started, marked, or cleaned.',
    risk: 'A brick that runs on such a disk gives errors to clients, which go on with the others of its set.',
    byHand: [
      'stat BRICK; getfattr -d -m . -e hex BRICK; dmesg',
      'Repair the disk or its mount; where getfattr is missing, install the package "attr".',
    ],
  },
  repairedBy: [brickReplace.name, volumeRemoveCopies.name, volumeRemoveLost.name],
  detect: (view, desired) =>
    bricksIn(view, desired).flatMap(({ facts, path, volume }) => {
      const { node } = facts;
      const reason = facts.unreadPaths.get(path);
      if (reason === undefined) return [];
      return [
        {
          severity: 'error' as const,
          subject: `brick/${node}:${path}`,
          nodes: [node],
          message: `brick ${node}:${path} of volume ${volume} could not be read`,
          evidence: [witness(node, path, reason)],
          remedy: `repair what is named there on ${node}; nothing is done to the brick before`,
        },
      ];
    }),
  needsDecision: true,
});

interface Place {
  readonly facts: NodeFacts;
  readonly path: string;
  readonly volume: string;
}

/** Those that are, and those that the file wants. */
function bricksIn(view: View, desired: Desired): readonly Place[] {
  const places = new Map<string, Place>();
  const add = (place: Place): void => {
    places.set(`${place.facts.node}:${place.path}`, place);
  };
  for (const volume of desired.volumes)
    for (const { node, path } of volume.bricks) {
      const facts = view.facts(node);
      if (facts !== undefined) add({ facts, path, volume: volume.name });
    }
  for (const { facts, volume, brick } of trustedBricks(view))
    add({ facts, path: brick.path, volume: volume.name });
  return [...places.values()];
}

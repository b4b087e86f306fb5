/**
 * A node that takes members for its peers, and that no member lists any more: what the others would take from
 * it when they meet again, and what it has to take from them first. Owns that judgement.
 */
import { listed } from '../../core/text.ts';
import type { NodeName, VolumeName } from '../../model/names.ts';
import type { NodeFacts, StoreVolume } from '../../model/observed.ts';
import { copiesOf, type Copy, isSame } from '../../view/copies.ts';
import type { View } from '../../view/view.ts';

export interface Returning {
  /** Why it is not given back to them, in words. Empty: they would take nothing from it. */
  readonly objections: readonly string[];
  /** Volumes that it has in an older version, or not at all, and who has the right one. */
  readonly behind: readonly { readonly volume: VolumeName; readonly from: NodeName }[];
}

export function returning(view: View, facts: NodeFacts): Returning {
  const judged = [...view.volumes.values()].map((volume) => {
    const members = copiesOf(view, volume).filter(([n]) => n !== facts);
    return judge(facts.node, volume.copies.get(facts.node), members);
  });
  return {
    objections: [
      ...(view.leaving.has(facts.node) ? [`the file says that ${facts.node} is to be absent`] : []),
      ...judged.flatMap((j) => (typeof j === 'string' ? [j] : [])),
    ],
    behind: judged.flatMap((j) => (typeof j === 'object' ? [j] : [])),
  };
}

function judge(
  node: NodeName,
  own: StoreVolume | undefined,
  members: readonly Copy[],
): string | Returning['behind'][number] | undefined {
  const [first] = members;
  if (first === undefined) return own === undefined ? undefined : `${node} alone has volume ${own.name}`;
  const [{ node: from }, right] = first;
  const { name: volume } = right;
  if (members.some(([, copy]) => copy.version !== right.version || !isSame(copy, right)))
    return `${listed(members.map(([n]) => n.node))} do not agree on volume ${volume}`;
  if (own === undefined) return { volume, from };
  if (own.id !== right.id) return `on ${node}, volume ${volume} has another volume-id`;
  if (own.version < right.version) return { volume, from };
  if (own.version > right.version) return `${node} has a later version of volume ${volume}`;
  return isSame(own, right) ? undefined : `${node} has volume ${volume} in the same version, but otherwise`;
}

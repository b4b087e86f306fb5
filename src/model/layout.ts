/** A volume's layout in the words of the cluster file, which are gluster's own. */
import type { Layout } from './desired.ts';

/** Keys and numbers as the cluster file would have them; none for a distribute volume. */
export function layoutKeys(layout: Layout): Readonly<Record<string, number>> {
  switch (layout.kind) {
    case 'distribute':
      return {};
    case 'replicate':
      return {
        replica: layout.replica,
        ...(layout.arbiter > 0 && { arbiter: 1 }),
        ...(layout.hasThinArbiter === true && { 'thin-arbiter': 1 }),
      };
    case 'disperse':
      return { disperse: layout.disperse, redundancy: layout.redundancy };
  }
}

/** As `gluster volume create` takes them: "replica", "3", "arbiter", "1". */
export const layoutArguments = (layout: Layout): readonly string[] =>
  Object.entries(layoutKeys(layout)).flatMap(([key, value]) => [key, String(value)]);

/** "replica 3 arbiter 1", "disperse 6 redundancy 2", "distribute". */
export const layoutWords = (layout: Layout): string =>
  layout.kind === 'distribute' ? (layout.obsolete ?? 'distribute') : layoutArguments(layout).join(' ');

/** Why a cluster file cannot say it, so that such a volume is left as it is. */
export function unsayable(layout: Layout): string | undefined {
  if (layout.kind === 'replicate' && layout.hasThinArbiter === true) return 'it has a thin arbiter';
  if (layout.kind !== 'distribute' || layout.obsolete === undefined) return undefined;
  return `it is ${layout.obsolete}, which GlusterFS does not support from release 6 on`;
}

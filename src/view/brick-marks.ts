/** What gluster itself puts into a brick. Owns which names are no file of a person. */
import type { PathFacts } from '../model/observed.ts';

export const isGlustersOwn = (name: string): boolean =>
  name === '.glusterfs' || name === '.trashcan' || name.startsWith('.glusterfs-anonymous-inode-');

/** A directory that could not be listed may hold any. The node judges by the same rule before it acts. */
export const holdsNoFile = ({ entries, hidden }: PathFacts): boolean =>
  hidden === undefined && entries?.every(isGlustersOwn) === true;

/** Two words and more, after the name of the directory. */
export function holdsWords(at: PathFacts): string {
  if (at.entries === undefined || at.hidden === '?') return 'could not be listed';
  return holdsNoFile(at) ? 'holds no file' : `holds ${at.hidden ?? at.entries.join(', ')}`;
}

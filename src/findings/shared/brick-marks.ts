/** What gluster itself puts into a brick. Owns which names are no file of a person. */
export const isGlustersOwn = (name: string): boolean =>
  name === '.glusterfs' || name === '.trashcan' || name.startsWith('.glusterfs-anonymous-inode-');

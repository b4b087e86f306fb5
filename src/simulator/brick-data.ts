/** What of a brick directory is data, as the script that lists and cleans bricks judges it. */
import type { Disk } from './disk.ts';

const OWN = /^\.(glusterfs|trashcan|glusterfs-anonymous-inode-[0-9a-f-]*)$/;
const HELD_BY_ANONYMOUS = /^\.glusterfs-anonymous-inode-[^/]*\//;
/** Below .glusterfs: deleted while open, or a gfid link that is not that of the root or of the trash. */
const HELD_BY_FILES =
  /^\.(trashcan\/|glusterfs\/(unlink\/|[0-9a-f]{2}\/[0-9a-f]{2}\/(?!00000000-0000-0000-0000-00000000000)))/;

export const isOwn = (name: string): boolean => OWN.test(name);

/** The first file of a client, from the brick; a link file has the sticky bit alone, and no content. */
export const fileIn = (disk: Disk, brick: string): string | undefined =>
  disk
    .below(brick)
    .map((path) => path.slice(brick.length + 1))
    .find((path) =>
      path.startsWith('.glusterfs/')
        ? path.startsWith('.glusterfs/unlink/') && (disk.read(`${brick}/${path}`) ?? '') !== ''
        : !disk.isDirectory(`${brick}/${path}`),
    );

/** The first of it, from the brick. */
export const dataIn = (disk: Disk, brick: string): string | undefined =>
  disk
    .below(brick)
    .map((path) => path.slice(brick.length + 1))
    .find(
      (path) =>
        (!path.includes('/') && !isOwn(path)) ||
        HELD_BY_ANONYMOUS.test(path) ||
        (HELD_BY_FILES.test(path) && !disk.isDirectory(`${brick}/${path}`)),
    );

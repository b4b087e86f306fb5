/**
 * What can happen to a node's disks: full, one write refused, a brick not mounted, the daemons not
 * executable.
 */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run, runScript } from './host.ts';
import type { NodeCore } from './node.ts';

const FILLER = 'lab-filler';

export interface DiskFaults {
  /** Not a byte free on the file system of this path (default: `/`). */
  fillDisk(path?: string): Promise<void>;
  freeDisk(path?: string): Promise<void>;
  /** chattr +i: a file, or a directory in which nothing can be made or removed. */
  immutable(path: string): Promise<void>;
  mutable(path: string): Promise<void>;
  /**
   * /bricks/dN is a plain directory on `/` from now on; a daemon that has it open keeps the old file system.
   */
  umountBrick(n: number): Promise<void>;
  mountBrick(n: number): Promise<void>;
  /** glusterd's store is read-only, for a running glusterd too. */
  freezeStore(): Promise<void>;
  thawStore(): Promise<void>;
  /** The program is /bin/false from now on (glusterd, glusterfs and glusterfsd are one). */
  disableProgram(path: string): Promise<void>;
  enableProgram(path: string): Promise<void>;
  /** Whatever was filled or made immutable in the store and on the bricks, free again. */
  healDisks(): Promise<void>;
}

export function diskFaults(node: NodeCore): DiskFaults {
  const outside = (path: string): string => join(node.root, path);
  const filler = (path: string): string => join(outside(path), FILLER);

  return {
    async fillDisk(path = '/') {
      // Big blocks until nothing fits, then small ones into the rest: dd ends with "no space left", as it is
      // meant to.
      const fill = 'for bs in 1M 1K; do dd if=/dev/zero of="$1" bs=$bs oflag=append conv=notrunc || :; done';
      await runScript(fill, [filler(path)]);
    },
    freeDisk: (path = '/') => rm(filler(path), { force: true }),
    async immutable(path) {
      await run(['chattr', '+i', outside(path)]);
    },
    async mutable(path) {
      await run(['chattr', '-i', outside(path)]);
    },
    async umountBrick(n) {
      await node.run(['umount', '-l', `/bricks/d${String(n)}`]);
    },
    async mountBrick(n) {
      await node.run(['mount', '--bind', `/dev/lab/d${String(n)}`, `/bricks/d${String(n)}`]);
    },
    async freezeStore() {
      await node.run('cd /var/lib && mount --bind glusterd glusterd && mount -o remount,bind,ro glusterd');
    },
    async thawStore() {
      await node.run(['umount', '-l', '/var/lib/glusterd']);
    },
    async disableProgram(path) {
      await node.run(['mount', '--bind', '/bin/false', path]);
    },
    async enableProgram(path) {
      await node.run(['umount', '-l', path]);
    },
    async healDisks() {
      const places = ['/', ...bricksOf(node)];
      await Promise.all(places.map((place) => rm(filler(place), { force: true })));
      const roots = ['/var/lib/glusterd', '/bricks'].map(outside);
      await run(['chattr', '-R', '-f', '-i', ...roots], { allowFailure: true });
    },
  };
}

const bricksOf = (node: NodeCore): string[] =>
  Array.from({ length: node.lab.bricksPerNode }, (_, i) => `/bricks/d${String(i + 1)}`).filter((path) =>
    existsSync(join(node.root, path)),
  );

/**
 * A volume whose number of copies changes on real hosts by an edit of its file, under a client that reads
 * each file by its name and a writer: every copy is whole in the end, and a second run has nothing to do.
 */
import { afterEach, beforeEach, expect } from 'vitest';
import type { ClientMount, Writer } from './client.ts';
import {
  clusterFile,
  doctor,
  gluster,
  glusterctl,
  leftovers,
  type Ran,
  stores,
  versions,
} from './cluster.ts';
import { HEAL_MS, until } from './host.ts';
import { type Lab, type LabNode, startWriter } from './lab.ts';
import { bricksRunning } from './recover-case.ts';
import { describeLab, itFull, withLab } from './suite.ts';

const FILES = 60;

const at = (n: number, disk = 1): string => `node0${String(n)}:/bricks/d${String(disk)}/data`;
const volume = (layout: string, bricks: readonly string[]): string =>
  `  data:\n${layout === '' ? '' : `    ${layout}\n`}    bricks: [${bricks.join(', ')}]\n`;
const ARBITER = 'replica: 3\n    arbiter: 1';
const NAMES = 'cd %s && find . -path ./.glusterfs -prune -o -type f -print | grep -v writer | sort';
const CONTENT = `cd %s/old && cat $(seq ${String(FILES)}) sub/? | sha256sum`;

describeLab('a volume whose number of copies changes', () => {
  let lab: Lab;
  let client: LabNode;
  let mount: ClientMount;
  let writer: Writer;

  withLab({ nodes: 4, clients: 1 }, (up) => {
    lab = up;
    client = lab.node('c1');
  });

  beforeEach(async () => {
    await lab.resetGluster();
  });

  const file = (layout: string, bricks: readonly string[]): string =>
    clusterFile(lab, volume(layout, bricks));

  /** A volume in use: files in two directories, a writer that goes on. */
  async function begin(layout: string, bricks: readonly string[]): Promise<void> {
    const ran = await glusterctl('apply', file(layout, bricks), '--yes');
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 });
    mount = await lab.mountClient('data', { on: client });
    const made = `for i in $(seq ${String(FILES)}); do head -c 4096 /dev/urandom >old/$i; done`;
    await client.run(`cd ${mount.path} && mkdir -p old/sub && ${made} && cp old/? old/sub`);
    writer = await startWriter(mount);
  }

  afterEach(async () => {
    await writer.stop();
    await mount.unmount();
  });

  /**
   * Each by its name; of one that cannot be read, why not. No listing: one that spans the moment at which
   * a client takes its new volfile over may have a name twice, or lack one.
   */
  const sums = async (): Promise<string> => {
    const names = `$(seq ${String(FILES)}) $(seq -f sub/%g 9)`;
    return (await client.run(`cd ${mount.path}/old && sha256sum ${names} 2>&1 || true`)).stdout;
  };

  /** While a command runs, the client reads what it has read before. */
  async function underReads(words: readonly string[]): Promise<Ran> {
    const before = await sums();
    const end = { isOver: false };
    const running = glusterctl(...words).finally(() => (end.isOver = true));
    while (!end.isOver) expect(await sums()).toBe(before);
    return await running;
  }

  async function becomes(
    layout: string,
    bricks: readonly string[],
    ...flags: readonly string[]
  ): Promise<void> {
    const ran = await underReads(['apply', file(layout, bricks), '--yes', ...flags]);
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 });
  }

  /** All files of one set, on each of its bricks: names everywhere, content but on an arbiter. */
  async function areFilled(
    bricks: readonly string[],
    arbiter?: string,
    scripts = [NAMES, CONTENT],
  ): Promise<void> {
    for (const script of scripts) {
      const asked = bricks.filter((b) => script === NAMES || b !== arbiter);
      await until(`${asked.join(' ')} to be filled`, HEAL_MS, async () => {
        const seen = await Promise.all(
          asked.map(async (brick) => {
            const [node = '', path = ''] = brick.split(':');
            return (
              await lab
                .node(node)
                .run(script.replace('%s', path))
                .catch(() => ({ stdout: node }))
            ).stdout;
          }),
        );
        return new Set(seen).size === 1 ? true : undefined;
      });
    }
  }

  async function isAtEnd(layout: string, bricks: readonly string[]): Promise<void> {
    await until('nothing to be healed', HEAL_MS, async () =>
      /entries: [1-9]/.test(await gluster(lab.node('node01'), 'volume heal data info').catch(() => ''))
        ? undefined
        : true,
    );
    const before = await Promise.all(lab.nodes.map(async (n) => (await versions(n)).get('data')));
    expect(new Set(before).size, String(before)).toBe(1);
    const again = await glusterctl('apply', file(layout, bricks), '--yes');
    expect(again, again.stdout + again.stderr).toMatchObject({ code: 0 });
    expect(again.stdout).toContain('Nothing to do.');
    expect(await doctor(file(layout, bricks))).toMatchObject({ code: 0 });
    expect((await writer.stop()).errors).toEqual([]);
    expect(await leftovers(lab)).toBe('');
  }

  itFull('gets an arbiter with one edit, and a second run has nothing to do', async () => {
    const three = [at(1), at(2), at(3)];
    await begin('replica: 2', [at(1), at(2)]);
    await becomes(ARBITER, three);
    await areFilled(three, at(3));
    await isAtEnd(ARBITER, three);
  });

  itFull('gets its copies one after the other, each filled before the next', async () => {
    const wide = [at(1), at(3), at(4, 2), at(2), at(4), at(3, 2)];
    await begin('', [at(1), at(2)]);
    await becomes('replica: 3', wide);
    await areFilled(wide.slice(0, 3));
    await areFilled(wide.slice(3));
    await isAtEnd('replica: 3', wide);
  });

  itFull('gets a copy, another brick in the place of one, and a set with one edit', async () => {
    const wide = [at(1), at(2, 2), at(3), at(4), at(3, 2), at(1, 2)];
    await begin('replica: 2', [at(1), at(2)]);
    await becomes('replica: 3', wide);
    for (const set of [wide.slice(0, 3), wide.slice(3)]) await areFilled(set, undefined, [NAMES]);
    await isAtEnd('replica: 3', wide);
  });

  itFull('loses a copy once that is allowed, then its last; what left is not served any more', async () => {
    await begin('replica: 3', [at(1), at(2), at(3)]);
    const before = await stores(lab);
    const asked = await glusterctl('apply', file('replica: 2', [at(2), at(3)]), '--yes');
    expect(asked, asked.stdout + asked.stderr).toMatchObject({ code: 8 });
    expect(asked.stdout + asked.stderr).toContain(`--allow-destroy brick/${at(1)}`);
    expect(await stores(lab)).toBe(before);
    await becomes('replica: 2', [at(2), at(3)], '--allow-destroy', `brick/${at(1)}`);
    await areFilled([at(2), at(3)]);
    await becomes('', [at(3)], '--allow-destroy', `brick/${at(2)}`);
    expect([...bricksRunning(lab).keys()]).toEqual([at(3)]);
    await isAtEnd('', [at(3)]);
  });

  itFull('loses a copy whose disk is gone, and a second run has nothing to do', async () => {
    const two = [at(1), at(2)];
    await begin('replica: 3', [...two, at(3)]);
    const three = lab.node('node03');
    await three.killBrick('/bricks/d1/data');
    await three.umountBrick(1);
    await client.run(`cd ${mount.path}/old && date >missed`);
    await becomes('replica: 2', two, '--allow-destroy', `brick/${at(3)}`);
    await isAtEnd('replica: 2', two);
    await three.mountBrick(1);
  });

  itFull('has an arbiter replaced by a copy with the two edits that are named', async () => {
    await begin(ARBITER, [at(1), at(2), at(3)]);
    const two = [at(1), at(2)];
    const three = [...two, at(4)];
    const ran = await glusterctl('apply', file('replica: 3', three), '--yes');
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 4 });
    await becomes('replica: 2', two, '--allow-destroy', `brick/${at(3)}`);
    await becomes('replica: 3', three);
    await areFilled(three);
    await isAtEnd('replica: 3', three);
  });

  itFull('refuses an arbiter beside three copies, and names the edits; nothing is changed', async () => {
    await begin('replica: 3', [at(1), at(2), at(3)]);
    const before = await stores(lab);
    const ran = await glusterctl('apply', file(ARBITER, [at(1), at(2), at(4)]), '--yes');
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 4 });
    expect(ran.stdout).toContain('replica: 2, with two bricks of each set');
    expect(await stores(lab)).toBe(before);
  });

  itFull(
    'is as before where a node could not store it, once that is repaired and recover has run',
    async () => {
      await begin('', [at(1)]);
      const before = await stores(lab);
      const wanted = [at(1), at(2)];
      await lab.node('node04').immutable('/var/lib/glusterd/vols/data');
      const ran = await underReads(['apply', file('replica: 2', wanted), '--yes']);
      expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 6 });
      await lab.node('node04').mutable('/var/lib/glusterd/vols/data');
      const recovered = await underReads(['recover', file('', [at(1)]), '--yes']);
      expect(recovered, recovered.stdout + recovered.stderr).toMatchObject({ code: 0 });
      expect(await stores(lab)).toBe(before);
    },
  );
});

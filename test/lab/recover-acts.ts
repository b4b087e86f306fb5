/** The acts that faults are made of: edits of a store, commands, daemons that end. Owns no fault. */
import assert from 'node:assert/strict';
import type { Lab } from './lab.ts';
import type { Act } from './recover-case.ts';

export const BRICK = '/bricks/d1/vol';

export const KEEP_BRICKS = String.raw`
d=/run/systemd/system/glusterd.service.d
mkdir -p $d; printf '[Service]\nKillMode=process\n' >$d/lab.conf; systemctl daemon-reload
trap 'rm -f $d/lab.conf; rmdir $d; systemctl daemon-reload' EXIT
systemctl reset-failed glusterd 2>/dev/null; systemctl stop glusterd; cd /var/lib/glusterd
`;

/** On every host, for good: bricks outlive glusterd, as with the unit that Gluster itself ships. */
export const sparing: Act = (lab) =>
  Promise.all(
    lab.nodes.map((node) =>
      node.run(
        'd=/etc/systemd/system/glusterd.service.d; mkdir -p $d; ' +
          String.raw`printf '[Service]\nKillMode=process\n' >$d/process.conf; systemctl daemon-reload`,
      ),
    ),
  );

/** All hosts of a lab have one clock; here the program that shows it adds ten minutes. */
export const AHEAD = String.raw`
cp -L /usr/bin/date /run/date.true
printf '#!/bin/sh\nexec /run/date.true -d "+10 min" "$@"\n' >/run/date.ahead; chmod 755 /run/date.ahead
mount --bind /run/date.ahead /usr/bin/date
`;

/** In the store of a node whose glusterd is down and stays down; its bricks run on. */
export const stoppedEdit =
  (node: string, script: string): Act =>
  (lab) =>
    lab.node(node).run(`${KEEP_BRICKS}\n${script}`);

/** The same, and glusterd is started again, which may fail. */
export const restartedEdit =
  (node: string, script: string): Act =>
  (lab) =>
    lab.node(node).run(`${KEEP_BRICKS}\n${script}\nsystemctl start glusterd || :`, { timeoutMs: 60_000 });

export const on =
  (node: string, script: string): Act =>
  (lab) =>
    lab.node(node).run(script, { timeoutMs: 150_000 });

/** A command that is meant to fail. */
export const failing =
  (node: string, script: string): Act =>
  async (lab) => {
    const ran = await lab.node(node).run(script, { timeoutMs: 150_000, allowFailure: true });
    assert.notEqual(ran.code, 0, `${script} fails: ${ran.stdout}${ran.stderr}`);
  };

export const inOrder =
  (...acts: readonly Act[]): Act =>
  async (lab) => {
    for (const act of acts) await act(lab);
  };

export const killBrick =
  (node: string): Act =>
  (lab) =>
    lab.node(node).killBrick(BRICK);

export const everywhere =
  (act: (node: string) => Act): Act =>
  (lab) =>
    Promise.all(lab.nodes.map((n) => act(n.name)(lab)));

export const uuidOf = (lab: Lab, node: string): Promise<string> =>
  lab
    .node(node)
    .run('sed -n s/^UUID=//p /var/lib/glusterd/glusterd.info')
    .then((r) => r.stdout.trim());

/** A script that gets the uuid of another node as $U. */
export const knowing =
  (other: string, act: (words: string) => Act): Act =>
  async (lab) =>
    act(`U=${await uuidOf(lab, other)}`)(lab);

export async function expectSays(lab: Lab, node: string, command: string, says: RegExp): Promise<void> {
  assert.match((await lab.node(node).run(command)).stdout, says, `${node}: ${command}`);
}

export const brick = (node: string): string => `brick/${node}:${BRICK}`;
export const at = (node: string): string => `${node}:${BRICK}`;

/** A FUSE mount whose process is gone: the kernel answers for it, with an error. */
export const deadMount = (path: string): string => `
mkdir -p /run/dead-mount
printf '%s\\n' 'volume posix' 'type storage/posix' 'option directory /run/dead-mount' end-volume \
  >/run/dead-mount.vol
glusterfs -f /run/dead-mount.vol -l /dev/null --pid-file=/run/dead-mount.pid ${path}
tries=0
until grep -q ' ${path} fuse' /proc/mounts; do
  tries=$((tries + 1)); [ "$tries" -lt 100 ] || exit 1
  sleep 0.1
done
kill -9 "$(cat /run/dead-mount.pid)"
until stat ${path} 2>&1 | grep -q 'not connected'; do
  tries=$((tries + 1)); [ "$tries" -lt 200 ] || exit 1
  sleep 0.1
done`;

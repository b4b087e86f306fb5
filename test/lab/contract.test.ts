/**
 * Real hosts keep the contract that the model claims: each claim about glusterd is checked on glusterd.
 */
import { afterAll } from 'vitest';
import { ok } from '../../src/core/result.ts';
import { nodeName } from '../../src/model/names.ts';
import type { Connection, Connector } from '../../src/model/connection.ts';
import type { DesiredNode } from '../../src/model/desired.ts';
import type { Clock } from '../../src/model/node-link.ts';
import { readGlusterAnswer } from '../../src/node/gluster.ts';
import { remoteLink } from '../../src/node/remote-link.ts';
import { sshConnector } from '../../src/ssh/ssh.ts';
import { nodeLinkContract } from '../contract/node-link.ts';
import { type Lab, labUp } from './lab.ts';
import { describeLab } from './suite.ts';

const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

describeLab('real hosts', () => {
  const open: Connection[] = [];
  let lab: Lab | undefined;

  afterAll(async () => {
    for (const connection of open) await connection[Symbol.asyncDispose]();
    await lab?.down();
  });

  const connectorTo = ({ nodes, sshKeyFile, knownHostsFile }: Lab): Connector =>
    sshConnector(
      new Map(
        nodes.map(({ name, ip }): [DesiredNode['name'], DesiredNode] => [
          nodeName(name),
          {
            name: nodeName(name),
            address: ip,
            ssh: {
              user: 'root',
              port: 22,
              identityFile: sshKeyFile,
              knownHostsFile,
              strictHostKeyChecking: 'yes',
              become: false,
              becomePasswordFile: undefined,
              proxyJump: undefined,
              configFile: 'none',
              connectTimeoutSeconds: 10,
            },
          },
        ]),
      ),
    );

  async function connect(connector: Connector, node: string): Promise<Connection> {
    const connected = await connector.connect(nodeName(node), {});
    if (!connected.ok) throw new Error(`${connected.error.title} ${connected.error.cause ?? ''}`);
    open.push(connected.value);
    return connected.value;
  }

  /** All that it should send is dropped, as if by the network. */
  const muted = (connection: Connection): Connection => ({
    ...connection,
    node: connection.node,
    closed: connection.closed,
    exec: (script, options) => connection.exec(script, options),
    async session(script, options) {
      const opened = await connection.session(script, options);
      return opened.ok
        ? ok({
            ...opened.value,
            send: () => true,
            readLine: (ms) => opened.value.readLine(ms),
            close: () => undefined,
            ended: opened.value.ended,
          })
        : opened;
    },
  });

  nodeLinkContract('the lab', async () => {
    const up = await labUp({ nodes: 3 });
    lab = up;
    await up.formPool();
    const connector = connectorTo(up);
    return {
      clock,
      link: async (node) => remoteLink(await connect(connector, node), clock),
      async lockAndFallSilent(node, owner) {
        const taken = await remoteLink(muted(await connect(connector, node)), clock).lock(owner);
        if (!taken.ok) throw new Error(taken.error.title);
      },
      async gluster(node, argv) {
        const { code, stdout, stderr } = await up
          .node(node)
          .run(['gluster', '--mode=script', '--xml', ...argv], { allowFailure: true, timeoutMs: 130_000 });
        return readGlusterAnswer(code, stdout, stderr);
      },
      immutable: (node, path) => up.node(node).immutable(path),
      mutable: (node, path) => up.node(node).mutable(path),
      killBrick: (node, path) => up.node(node).killBrick(path),
      async emptyBrick(node, path) {
        await up.node(node).killBrick(path);
        await up.node(node).run(['rm', '-rf', path]);
        await up.node(node).run(['mkdir', path]);
      },
      async putFile(node, path) {
        await up.node(node).run(['cp', '/etc/passwd', path]);
      },
      async putDirectory(node, path) {
        await up.node(node).run(['mkdir', '-p', path]);
      },
    };
  });
});

/** The model keeps the contract that real hosts keep. */
import { SimCluster } from '../../../src/simulator/cluster.ts';
import { nodeLinkContract } from '../../contract/node-link.ts';

nodeLinkContract('a modelled cluster', async () => {
  const cluster = SimCluster.create({ seed: 7, nodes: ['node01', 'node02', 'node03'] });
  await cluster.formPool();
  return {
    clock: cluster.clock,
    link: (node) => Promise.resolve(cluster.link(node)),
    async lockAndFallSilent(node, owner) {
      const controller = cluster.controller('silent');
      await controller.link(node).lock(owner);
      controller.die(true);
    },
    gluster: (node, argv) => cluster.gluster(node, argv),
    async immutable(node, path) {
      await cluster.node(node).fault({ kind: 'immutable', path });
    },
    async mutable(node, path) {
      await cluster.node(node).fault({ kind: 'mutable', path });
    },
    killBrick(node, path) {
      cluster.node(node).killBrick(path);
      return Promise.resolve();
    },
    emptyBrick(node, path) {
      cluster.node(node).killBrick(path);
      const { disk } = cluster.node(node);
      disk.remove(path);
      disk.mkdir(path);
      return Promise.resolve();
    },
    putFile(node, path) {
      cluster.node(node).disk.write(path, 'of a person');
      return Promise.resolve();
    },
    putDirectory(node, path) {
      cluster.node(node).disk.mkdir(path);
      return Promise.resolve();
    },
  };
});

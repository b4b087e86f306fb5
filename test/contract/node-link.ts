/**
 * What every `NodeLink` promises, whoever is behind it: real hosts or the model of them. Owns the claims
 * about glusterd that the rest of the program and the simulator rely on; makes no cluster itself.
 */
import { beforeAll, describe } from 'vitest';
import { type Bench, type ContractCluster, makeBench } from './bench.ts';
import { failureCases } from './failure-cases.ts';
import { lockCases } from './lock-cases.ts';
import { nodeCases } from './node-cases.ts';
import { volumeCases } from './volume-cases.ts';

export function nodeLinkContract(title: string, make: () => Promise<ContractCluster>): void {
  describe(title, () => {
    let made: Bench | undefined;
    const bench = (): Bench => {
      if (made === undefined) throw new Error('there is no cluster');
      return made;
    };

    beforeAll(async () => {
      made = await makeBench(await make());
    });

    volumeCases(bench);
    failureCases(bench);
    nodeCases(bench);
    lockCases(bench);
  });
}

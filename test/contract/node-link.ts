/**
 * What every `NodeLink` promises, on real hosts and on the model of them. Owns the claims about glusterd that
 * the program and the simulator rely on; makes no cluster itself.
 */
import { beforeAll, describe } from 'vitest';
import { type Harness, type ContractCluster, makeHarness } from './harness.ts';
import { failureCases } from './failure-cases.ts';
import { lockCases } from './lock-cases.ts';
import { nodeCases } from './node-cases.ts';
import { volumeCases } from './volume-cases.ts';

export function nodeLinkContract(title: string, make: () => Promise<ContractCluster>): void {
  describe(title, () => {
    let made: Harness | undefined;
    const harness = (): Harness => {
      if (made === undefined) throw new Error('there is no cluster');
      return made;
    };

    beforeAll(async () => {
      made = await makeHarness(await make());
    });

    volumeCases(harness);
    failureCases(harness);
    nodeCases(harness);
    lockCases(harness);
  });
}

/**
 * `PAUSE_SEED=N PAUSE_MAX_MS=MS npx tsx test/lab/paused-glusterctl.ts apply FILE …`: the command line as it
 * is, on nodes that are each slow to be asked.
 */
import manifest from '../../package.json' with { type: 'json' };
import { openCluster } from '../../src/cli/cluster.ts';
import { main } from '../../src/cli/program.ts';
import { pausedCluster, pausesOf } from './pauses.ts';

const { PAUSE_SEED: seed = '1', PAUSE_MAX_MS: most = '0' } = process.env;
await main(process.argv, manifest.version, pausedCluster(openCluster, pausesOf(seed, most)));

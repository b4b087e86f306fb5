/**
 * The promises of loading a cluster file, whatever the file holds: a value that keeps the rules, or places in
 * the file.
 */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { type Loaded, loadDesired } from '../../../src/cluster-file/load.ts';
import type { Desired, DesiredVolume } from '../../../src/model/desired.ts';
import { law } from './case.ts';

const schema: unknown = JSON.parse(
  readFileSync(new URL('../../../schemas/cluster.schema.json', import.meta.url), 'utf8'),
);
const valid = new Ajv({ strict: false }).compile(schema as object);

/** Loads the text, and throws where a promise is broken. */
export function loadedSoundly(text: string): Loaded {
  const loaded = loadDesired(text, 'c.yaml', { home: '/home/ann', directory: '/etc/gluster' });
  if (loaded.ok) {
    law(
      valid(parse(text, { merge: true, logLevel: 'silent' })),
      `against the schema: ${JSON.stringify(valid.errors)}`,
    );
    promises(loaded.value);
    return loaded;
  }
  law(loaded.error.length > 0, 'refused without a reason');
  const lineCount = text.split('\n').length;
  for (const { line, column, message } of loaded.error) {
    law(line >= 1 && line <= lineCount && column >= 1, `a mistake at ${String(line)}:${String(column)}`);
    law(!/[\p{Cc}\p{Cs}]/u.test(message), `a message that cannot be printed: ${JSON.stringify(message)}`);
  }
  return loaded;
}

function promises(desired: Desired): void {
  const names = new Set<string>(desired.nodes.map((node) => node.name));
  law(names.size === desired.nodes.length, 'two nodes have one name');
  for (const { ssh } of desired.nodes) {
    const { port, knownHostsFile = '/' } = ssh;
    law(knownHostsFile.startsWith('/'), `known hosts in ${knownHostsFile}`);
    const isPort = port === undefined || (Number.isInteger(port) && port >= 1 && port <= 65_535);
    law(isPort, `port ${String(port)}`);
  }
  for (const volume of desired.volumes) volumePromises(volume, names);
  const present = desired.volumes
    .filter((volume) => volume.state !== 'absent')
    .flatMap((volume) => volume.bricks);
  law(
    new Set(present.map(({ node, path }) => `${node}:${path}`)).size === present.length,
    'two bricks in one place',
  );
}

function volumePromises(
  { name, state, bricks, layout, options, optionPositions }: DesiredVolume,
  names: ReadonlySet<string>,
): void {
  law(/^[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(name), `a volume is named ${name}`);
  for (const { node, path } of bricks) {
    law(names.has(node), `a brick on ${node}`);
    law(/^(\/[^/\s:]+)+$/.test(path) && !path.split('/').includes('..'), `a brick at ${path}`);
  }
  for (const [key, value] of options) {
    law(value.trim() !== '' && !/\p{Cc}/u.test(value), `an option of ${JSON.stringify(value)}`);
    law(optionPositions.has(key), `${key} stands nowhere`);
  }
  if (state === 'absent') return;
  const size =
    layout.kind === 'replicate' ? layout.replica : layout.kind === 'disperse' ? layout.disperse : 1;
  law(
    bricks.length > 0 && bricks.length % size === 0,
    `${String(bricks.length)} bricks in sets of ${String(size)}`,
  );
  for (let i = 0; i < bricks.length; i += size)
    law(
      new Set(bricks.slice(i, i + size).map((brick) => brick.node)).size === size,
      'two bricks of a set on one node',
    );
  if (layout.kind === 'disperse') law(layout.disperse > 2 * layout.redundancy, 'a redundancy that cannot be');
}

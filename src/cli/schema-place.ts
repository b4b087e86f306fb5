/** Where an editor on this machine finds the schema of cluster files: beside the program that is running. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SCHEMA = 'schemas/cluster.schema.json';
/** From a file of the source, or of what was built, to the folder that holds both. */
const LEVELS = 3;

/** Without it, the name of the file that `glusterctl schema > cluster.schema.json` makes. */
export function schemaPlace(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let level = 0; level < LEVELS; level++) {
    const place = join(folder, SCHEMA);
    if (existsSync(place) && !/\s/.test(place)) return place;
    folder = dirname(folder);
  }
  return 'cluster.schema.json';
}

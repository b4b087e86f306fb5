/**
 * The beginning of a cluster file as text: how nodes are reached, and their names. Owns the comments that
 * show a newcomer what else there is; reads nothing.
 */
import { quotedForAll } from './quoting.ts';

export interface Head {
  /** Where an editor finds the schema. */
  readonly schema: string;
  readonly cluster: string;
  /** Keys and values of `ssh:`, in order. */
  readonly ssh: readonly (readonly [string, string | number | boolean])[];
  readonly nodes: readonly HeadNode[];
  /** A line of its own below the first. */
  readonly remark?: string;
}

export interface HeadNode {
  readonly name: string;
  /** Where SSH goes, if that is not the name. */
  readonly address?: string | undefined;
}

export const headText = ({ schema, cluster, ssh, nodes, remark }: Head): string =>
  [
    `# yaml-language-server: $schema=${schema}`,
    ...(remark === undefined ? [] : [`# ${remark}`]),
    `cluster: ${word(cluster)}`,
    ...(ssh.length === 0 ? [] : ['ssh:', ...ssh.map(([key, value]) => `  ${key}: ${word(value)}`)]),
    'nodes:',
    ...nodes.map(
      ({ name, address }) =>
        `  ${word(name)}: ${address === undefined ? '{}' : `{ address: ${word(address)} }`}`,
    ),
    '',
  ].join('\n');

/** A file of nodes, with what else it can say in comments. */
export function templateText(head: Head): string {
  const names = head.nodes.map(({ name }) => name);
  const isReplicated = names.length >= 3;
  const order = isReplicated ? 'three in a row hold the same files' : 'files are spread over them';
  const bricks = names.slice(0, 3).map((name) => `#       - ${name}:/bricks/d1/data`);
  return [
    headText(head).trimEnd(),
    `#   ${word(names[0] ?? '')}: { address: 192.0.2.11 }   # where SSH goes, if that is not the name`,
    '',
    '# A volume that is not named here is left alone.',
    '# volumes:',
    '#   data:',
    ...(isReplicated ? ['#     replica: 3                  # copies of every file'] : []),
    `#     bricks:                     # ${order}`,
    ...bricks,
    '#     options:',
    '#       network.ping-timeout: 20',
    '#     protect: true               # refuse every destructive step on this volume',
    '#   old:',
    '#     state: absent               # delete it; the data stays on its bricks',
    '',
    '# policy:',
    '#   unmanagedVolumes: report      # name volumes of the cluster that are not in this file',
    '',
  ].join('\n');
}

const word = (value: string | number | boolean): string =>
  typeof value === 'string' ? quotedForAll(value) : String(value);

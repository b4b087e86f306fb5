/**
 * The shape of the cluster file as JSON schema: validates it, types it, and completes it in editors. Owns
 * what one value alone must be; whatever relates two values is a rule. Editors and glusterctl show
 * `patternErrorMessage` where a `pattern` fails.
 */
import type { FromSchema } from 'json-schema-to-ts';
import {
  BRICKS_PER_VOLUME_MAX,
  CLUSTER_NAME_LENGTH_MAX,
  JUMP_HOSTS,
  NODES_MAX,
  OPTIONS_PER_VOLUME_MAX,
  OPTION_NAME_LENGTH_MAX,
  SET_BRICKS_MAX,
  VOLUMES_MAX,
  VOLUME_NAME_LENGTH_MAX,
} from './limits.ts';

const ssh = {
  title: 'SSH settings',
  description:
    'How nodes are reached. A flag wins over the node, the node over the file, the file over ~/.ssh/config.',
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    user: {
      description: 'User to log in as (default: as ssh_config says, else root).',
      type: 'string',
      pattern: '^[A-Za-z0-9_.][A-Za-z0-9_.@\\\\-]{0,63}\\$?$',
      patternErrorMessage: 'must be a user name',
      examples: ['root', 'admin'],
    },
    port: {
      description: 'TCP port (default: as ssh_config says, else 22).',
      type: 'integer',
      minimum: 1,
      maximum: 65535,
      examples: [2222],
    },
    identityFile: {
      description:
        'Private key, and no other (default: as ssh_config says, else the agent, then the usual files in ' +
        '~/.ssh). Relative to the cluster file; ~ is your home.',
      type: 'string',
      minLength: 1,
      examples: ['~/.ssh/id_ed25519'],
    },
    knownHostsFile: {
      description:
        'Host keys to trust (default: as ssh_config says, else ~/.ssh/known_hosts). ' +
        'Relative to the cluster file; ~ is your home.',
      type: 'string',
      minLength: 1,
      examples: ['~/.ssh/known_hosts'],
    },
    strictHostKeyChecking: {
      description: '"yes" (default) refuses unknown host keys; "accept-new" records them on first contact.',
      type: 'string',
      enum: ['yes', 'accept-new'],
    },
    become: { description: 'Run everything through sudo (default: false).', type: 'boolean' },
    becomePasswordFile: {
      description:
        'File of mode 0600 or 0400 with the password that sudo asks for, in one line. ' +
        'Relative to the cluster file; ~ is your home.',
      type: 'string',
      minLength: 1,
      examples: ['~/.config/glusterctl/sudo'],
    },
    proxyJump: {
      description:
        'Jump hosts to go through, as [user@]host[:port], separated by commas; none: directly ' +
        '(default: as ssh_config says). User, key and host key of each are those that ssh would take.',
      type: 'string',
      pattern: JUMP_HOSTS,
      patternErrorMessage: 'must be [user@]host[:port], several separated by commas',
      examples: ['bastion.example', 'admin@bastion.example:2222'],
    },
    connectTimeoutSeconds: {
      description: 'Seconds to wait for a connection (default: as ssh_config says, else 10).',
      type: 'integer',
      minimum: 1,
      maximum: 600,
    },
    configFile: {
      description:
        'ssh_config to read instead of ~/.ssh/config and that of the machine; "none" reads none. ' +
        'Relative to the cluster file; ~ is your home.',
      type: 'string',
      minLength: 1,
      examples: ['none', './ssh_config'],
    },
  },
} as const;

const node = {
  title: 'Node',
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    address: {
      description: 'Host name or IP address where SSH goes (default: the name of the node).',
      type: 'string',
      minLength: 1,
      examples: ['192.0.2.11', 'node01.example'],
    },
    state: {
      description:
        'present (default), or absent: once no brick is on it, the node is detached from the pool. ' +
        'Its files are never touched.',
      type: 'string',
      enum: ['present', 'absent'],
    },
    replaces: {
      description:
        'A node that is lost, and is not among "nodes" any more. This one joins, the bricks that the file ' +
        'has given it are healed from the others, and the lost one is detached. ' +
        'Its own name: a new machine has the name of the one that was lost, and gets its identity. ' +
        'Then the line does nothing.',
      type: 'string',
      minLength: 1,
      examples: ['node02'],
    },
    ssh,
  },
} as const;

const volume = {
  title: 'Volume',
  type: 'object',
  additionalProperties: false,
  properties: {
    state: {
      description:
        'started (default), stopped, or absent: delete the volume. The data on its bricks is never touched.',
      type: 'string',
      enum: ['started', 'stopped', 'absent'],
    },
    replica: {
      description: 'Copies of every file; consecutive bricks form a set.',
      type: 'integer',
      minimum: 2,
      maximum: SET_BRICKS_MAX,
      examples: [3],
    },
    arbiter: {
      description: 'With replica 3: 1 makes the last brick of each set hold names only.',
      type: 'integer',
      enum: [0, 1],
    },
    disperse: {
      description: 'Bricks of each erasure-coded set.',
      type: 'integer',
      minimum: 3,
      maximum: SET_BRICKS_MAX,
      examples: [3, 6],
    },
    redundancy: {
      description: 'Bricks of each disperse set that may fail.',
      type: 'integer',
      minimum: 1,
      maximum: 127,
      examples: [1, 2],
    },
    transport: {
      description: 'Network transport (default: tcp).',
      type: 'string',
      enum: ['tcp', 'rdma', 'tcp,rdma'],
    },
    bricks: {
      description:
        'Bricks as NODE:/absolute/path. Consecutive bricks form a replica or disperse set; a further copy ' +
        'stands inside its set. In which order sets stand does not count.',
      type: 'array',
      minItems: 1,
      maxItems: BRICKS_PER_VOLUME_MAX,
      items: {
        type: 'string',
        pattern: '^[^/]+:/',
        patternErrorMessage: 'must be NODE:/absolute/path',
        examples: ['node01:/bricks/d1/data'],
      },
    },
    options: {
      description:
        'Volume options as in gluster volume set. Values are compared by meaning and sent as written.',
      type: ['object', 'null'],
      maxProperties: OPTIONS_PER_VOLUME_MAX,
      propertyNames: {
        pattern: '^(user\\.[A-Za-z0-9._-]+|[a-z0-9*][a-z0-9.*_-]*)$',
        patternErrorMessage: 'is not a valid option name: lower-case letters, digits, and any of . _ - *',
        maxLength: OPTION_NAME_LENGTH_MAX,
      },
      additionalProperties: { type: ['string', 'number', 'boolean'] },
      examples: [{ 'network.ping-timeout': 20 }],
    },
    optionsMode: {
      description: 'merge (default): options not named here are left alone. exact: they are reset.',
      type: 'string',
      enum: ['merge', 'exact'],
    },
    rebalance: {
      description:
        'What follows when sets of bricks have come. auto (default): files are moved to where they belong ' +
        'now. fixLayout: only new files use the new sets. none: nothing.',
      type: 'string',
      enum: ['auto', 'fixLayout', 'none'],
    },
    protect: {
      description:
        'Refuse every destructive step on this volume (default: false). ' +
        'The nodes remember it; it is let go by a run that changes nothing else of the volume.',
      type: 'boolean',
    },
  },
  if: { properties: { state: { const: 'absent' } }, required: ['state'] },
  else: { required: ['bricks'] },
} as const;

const inventory = {
  title: 'Inventory',
  description: 'Nodes from an Ansible inventory, INI or YAML. What "nodes" says of them wins.',
  type: 'object',
  additionalProperties: false,
  required: ['file'],
  properties: {
    file: {
      description: 'Inventory file, or a list of them. Relative to the cluster file; ~ is your home.',
      type: ['string', 'array'],
      minLength: 1,
      minItems: 1,
      items: { type: 'string', minLength: 1 },
      examples: ['hosts.ini'],
    },
    group: {
      description: 'Its hosts are the nodes; also a group of groups (default: all).',
      type: 'string',
      minLength: 1,
      examples: ['gluster'],
    },
    name: {
      description: "The variable that is gluster's name of a node (default: inventory_hostname).",
      type: 'string',
      pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
      patternErrorMessage: 'must be the name of a variable',
      examples: ['inventory_hostname'],
    },
  },
} as const;

const policy = {
  title: 'Policy',
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    unmanagedVolumes: {
      description: 'Volumes on the cluster that this file does not name: ignore (default) or report them.',
      type: 'string',
      enum: ['ignore', 'report'],
    },
    allowBricksOnRootPartition: {
      description: 'Accept bricks on the root file system (default: false).',
      type: 'boolean',
    },
  },
} as const;

export const clusterSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:glusterctl:schema:cluster',
  title: 'glusterctl cluster file',
  description: 'What a GlusterFS cluster should be: its nodes, its volumes, and how far glusterctl may go.',
  type: 'object',
  additionalProperties: false,
  required: ['cluster'],
  if: { required: ['inventory'] },
  else: { required: ['nodes'] },
  patternProperties: { '^x-': { description: 'Ignored; a place for YAML anchors.' } },
  properties: {
    cluster: {
      description: 'Name of the cluster in locks, journals and reports.',
      type: 'string',
      maxLength: CLUSTER_NAME_LENGTH_MAX,
      pattern: '^[A-Za-z0-9_][A-Za-z0-9._-]*$',
      patternErrorMessage:
        'must consist of letters, digits, ".", "_" and "-", and begin with neither "." nor "-"',
      examples: ['production'],
    },
    ssh,
    nodes: {
      description: 'The nodes by the names gluster knows its peers by: host names or IP addresses.',
      type: 'object',
      minProperties: 1,
      maxProperties: NODES_MAX,
      additionalProperties: node,
      examples: [{ node01: { address: '192.0.2.11' } }],
    },
    inventory,
    volumes: {
      description: 'Volumes by name. A volume that is not named here is left alone.',
      type: ['object', 'null'],
      maxProperties: VOLUMES_MAX,
      propertyNames: {
        pattern: '^[A-Za-z0-9_][A-Za-z0-9_-]*$',
        patternErrorMessage:
          'is not a valid volume name: letters, digits, "_" and "-", not beginning with "-"',
        maxLength: VOLUME_NAME_LENGTH_MAX,
      },
      additionalProperties: volume,
    },
    policy,
  },
} as const;

/** The file after schema validation, before defaults. */
export type ClusterFile = FromSchema<typeof clusterSchema>;

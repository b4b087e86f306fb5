/**
 * How large a cluster file, and each part of it, may be. Owns the numbers only; the schema and the rules
 * refer to them.
 */

export const FILE_BYTES_MAX = 4 * 1024 * 1024;
/** Nesting of YAML collections. The parser recurses, and an exhausted stack cannot be caught reliably. */
export const YAML_DEPTH_MAX = 64;
/** YAML nodes once every alias is expanded, so that a few lines of anchors cannot stand for billions. */
export const EXPANDED_NODES_MAX = 2_000_000;
/** Mistakes shown; a file with more is broken as a whole. */
export const MISTAKES_MAX = 1000;

export const NODES_MAX = 4096;
export const VOLUMES_MAX = 10_000;
export const BRICKS_PER_VOLUME_MAX = 10_000;
export const BRICKS_TOTAL_MAX = 200_000;
export const OPTIONS_PER_VOLUME_MAX = 500;
/** Bricks of a replica or disperse set. */
export const SET_BRICKS_MAX = 255;

export const CLUSTER_NAME_LENGTH_MAX = 128;
/** `trusted-<volume>.tcp,rdma-fuse.vol.tmp` must fit into the 255 bytes that a file name may have. */
export const VOLUME_NAME_LENGTH_MAX = 220;
/** glusterd keeps a brick's host in a buffer of NAME_MAX bytes with its closing NUL. */
export const HOST_LENGTH_MAX = 254;
/** Linux PATH_MAX without the closing NUL. */
export const PATH_BYTES_MAX = 4095;
export const FILE_NAME_BYTES_MAX = 255;
/** glusterd reads its store by lines of at most 8191 bytes; this leaves room for the option's name. */
export const OPTION_VALUE_BYTES_MAX = 8000;
export const OPTION_NAME_LENGTH_MAX = 128;
/** `[user@]host[:port]`, several separated by commas; as a pattern, for the schema and the flag. */
export const JUMP_HOSTS = '^[A-Za-z0-9_.\\[][^\\s,]*(,[A-Za-z0-9_.\\[][^\\s,]*)*$';

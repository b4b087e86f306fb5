/**
 * Names of nodes, volumes, bricks and peers as nominal types. Made by `cluster-file/` from the cluster file
 * and by `observe/` from what nodes report.
 */
import type { Brand } from '../core/brand.ts';

/** The key of a node in the cluster file: the name gluster knows the peer by. */
export type NodeName = Brand<string, 'NodeName'>;
export type VolumeName = Brand<string, 'VolumeName'>;
/** Absolute, without trailing slash, without `.` and `..`. */
export type BrickPath = Brand<string, 'BrickPath'>;
/** Lower-case, 8-4-4-4-12. */
export type PeerUuid = Brand<string, 'PeerUuid'>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The name of a volume in a store. The command line makes none with a dot, but glusterd takes every directory
 * for a volume: a copy made by hand (`data.bak`) is one after the next restart, on all nodes.
 */
export const isVolumeName = (text: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$/.test(text);

/** `HOST:/PATH`, cut at the first ":/": the host may be an IPv6 address, and the path may hold colons. */
export function splitPlace(text: string): { readonly host: string; readonly path: string } | undefined {
  const at = text.indexOf(':/');
  const host = text.slice(0, Math.max(at, 0));
  return host === '' || host.includes('/') ? undefined : { host, path: text.slice(at + 1) };
}

/** The place of a subject "brick/HOST:/PATH". */
export const placeOfSubject = (subject: string): ReturnType<typeof splitPlace> =>
  subject.startsWith('brick/') ? splitPlace(subject.slice('brick/'.length)) : undefined;

export const nodeName = (text: string): NodeName => text as NodeName;
export const volumeName = (text: string): VolumeName => text as VolumeName;
export const brickPath = (text: string): BrickPath => text as BrickPath;
/** What glusterd writes for a peer that has not answered yet; no node has it. */
export const NULL_UUID = '00000000-0000-0000-0000-000000000000';

export const peerUuid = (text: string): PeerUuid | undefined =>
  UUID.test(text.toLowerCase()) ? (text.toLowerCase() as PeerUuid) : undefined;

/**
 * Names and addresses of hosts, as gluster's `valid_internet_address` accepts them. Resolves nothing.
 */
import { isLoopbackAddress } from '../core/address.ts';
import { HOST_LENGTH_MAX } from './limits.ts';

const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/;
/** Looser than gluster: an SSH destination may be an internal name with an underscore. */
const SSH_LABEL = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?$/;

export const isHost = (text: string): boolean => isAddress(text) || isName(text, LABEL);
export const isSshHost = (text: string): boolean => isAddress(text) || isName(text, SSH_LABEL);

/** gluster's `handle_local_or_loopback_address` refuses bricks on these. */
export const isLoopback = (text: string): boolean =>
  text.toLowerCase() === 'localhost' ||
  (isAddress(text) && (isLoopbackAddress(text) || text.startsWith('0.')));

function isName(text: string, label: RegExp): boolean {
  if (text.length === 0 || text.length > HOST_LENGTH_MAX || /^[\d.]+$/.test(text)) return false;
  return text.split('.').every((part) => part.length <= 63 && label.test(part));
}

const isAddress = (text: string): boolean => isIpv4(text) || isIpv6(text);

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}

function isIpv6(text: string): boolean {
  const [address = '', zone] = text.split('%', 2);
  if (zone !== undefined && !/^[A-Za-z0-9._-]{1,15}$/.test(zone)) return false;
  const [head = '', tail, ...more] = address.split('::');
  if (more.length > 0 || !address.includes(':')) return false;
  const groups = [...split(head), ...split(tail ?? '')];
  const hex = groups.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group));
  return hex && (tail === undefined ? groups.length === 8 : groups.length < 8);
}

const split = (text: string): string[] => (text === '' ? [] : text.split(':'));

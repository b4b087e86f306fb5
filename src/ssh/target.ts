/** Where a connection goes, and the text of its failures. */
import { failure, type Failure } from '../core/failure.ts';
import type { Route } from './route.ts';

export interface Target {
  /** A node of the cluster file, or the host on the way to it. */
  readonly node: string;
  readonly route: Route;
  /** Commands go through sudo. */
  readonly become: boolean;
}

const ERRNO: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connection refused: nothing listens on that port'],
  ['EHOSTUNREACH', 'no route to host'],
  ['ENETUNREACH', 'network unreachable'],
  ['EHOSTDOWN', 'host is down'],
  ['ENOTFOUND', 'name not found'],
  ['EAI_AGAIN', 'name lookup failed for now: the name server does not answer'],
  ['ETIMEDOUT', 'timed out: the host does not answer'],
  ['ECONNRESET', 'connection reset by the host'],
  ['EPIPE', 'connection closed by the host'],
  ['ECONNABORTED', 'connection aborted'],
  ['EACCES', 'not permitted by this machine (a local firewall?)'],
  ['EPERM', 'not permitted by this machine (a local firewall?)'],
  ['EADDRNOTAVAIL', 'no local address can reach it'],
  ['EMFILE', 'this process has too many open files (ulimit -n)'],
]);

/** The errno of an error, also where Node tried several addresses and wrapped the errors. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error instanceof AggregateError ? errorCode(error.errors[0]) : undefined;
}

/** An error in words. */
export function inWords(error: unknown): string {
  const code = errorCode(error);
  const words = code === undefined ? undefined : ERRNO.get(code);
  if (words !== undefined) return words;
  const message = error instanceof Error ? error.message : String(error);
  return message === '' ? (code ?? 'unknown error') : message;
}

export const place = ({ route }: Target): string => `${route.hostName} port ${String(route.port)}`;

export const unreachable = (target: Target, cause: string): Failure =>
  failure('node-unreachable', `cannot connect to ${place(target)}`, {
    node: target.node,
    cause,
    fix: `check that the node is up and that its address is right; try by hand: ${target.route.byHand}`,
  });

export const interrupted = (node: string, doing: string): Failure =>
  failure('interrupted', `interrupted while ${doing}`, { node });

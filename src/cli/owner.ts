/** Who a transaction belongs to, as the nodes write it down: this user, host, process and command. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { LockOwner } from '../model/transaction.ts';
import { commandLine, identity } from './process.ts';

/** The id sorts by time. */
export function newOwner(): LockOwner {
  const now = new Date();
  const stamp = now
    .toISOString()
    .replace(/[-:]/g, '')
    .replace(/\.\d+Z$/, 'Z');
  const { user, pid } = identity();
  return {
    transaction: `${stamp}-${randomBytes(4).toString('hex')}`,
    user,
    host: hostname(),
    pid,
    since: now.toISOString(),
    command: commandLine(),
  };
}

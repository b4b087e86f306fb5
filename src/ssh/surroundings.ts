/**
 * This user and this machine, as SSH sees them. The one place, besides the command line, that reads this
 * process's environment.
 */
import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import type { KeyPlaces } from './identity.ts';
import type { LocalSide } from './tokens.ts';

export const usualPlaces = (): KeyPlaces => ({
  agentSocket: env['SSH_AUTH_SOCK'] === '' ? undefined : env['SSH_AUTH_SOCK'],
  sshDirectory: join(homedir(), '.ssh'),
});

export const usualSearchPath = (): string => env['PATH'] ?? '';

export function localSide(): LocalSide {
  const ownHome = homedir();
  const machine = { hostName: hostname(), env, ownHome };
  try {
    const { username, uid, homedir: home } = userInfo();
    return { ...machine, user: username, uid, home };
  } catch {
    // A user id without an entry in the user database, as containers have.
    return { ...machine, user: 'root', uid: -1, home: ownHome };
  }
}

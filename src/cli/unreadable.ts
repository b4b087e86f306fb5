/** How a command that only reads reports nodes that did not answer: each failure, and exit code 7. */
import { failureText } from '../report/text/failure-text.ts';
import { orWithoutIt } from '../model/left-out.ts';
import type { View } from '../view/view.ts';
import { exitWith } from './process.ts';
import type { Session } from './session.ts';

/** Returns whether there was one. */
export function unreadable(failed: View['failed'], { terminal }: Session): boolean {
  if (failed.size === 0) return false;
  terminal.err(`${failureText([...failed.values()].map(orWithoutIt), terminal.colour).trimEnd()}\n`);
  exitWith(7);
  return true;
}

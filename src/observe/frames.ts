/**
 * Splits a script's output into named frames. Refuses output that was cut off, is of two scripts, or never
 * began.
 */
import { err, ok, type Result } from '../core/result.ts';

export interface Frame {
  readonly name: string;
  readonly body: Buffer;
}

/** In the order of the output; the error is a reason for people. */
export function splitFrames(output: Buffer, nonce: string): Result<readonly Frame[], string> {
  const marker = Buffer.from(`\n${nonce} `);
  const frames: Frame[] = [];
  const names = new Set<string>();
  let at = output.indexOf(marker);
  if (at === -1) return err('the script printed none of its parts');
  while (at !== -1) {
    const nameStart = at + marker.length;
    const nameEnd = output.indexOf(10, nameStart);
    if (nameEnd === -1) return err('the output is cut off inside a frame header');
    const next = output.indexOf(marker, nameEnd);
    const name = output.toString('latin1', nameStart, nameEnd);
    if (names.has(name)) return err(`the output has two parts named "${name}"`);
    names.add(name);
    frames.push({
      name,
      body: output.subarray(nameEnd + 1, next === -1 ? output.length : next),
    });
    at = next;
  }
  const last = frames.at(-1);
  if (last?.name !== 'end') return err(`the output is cut off after "${last?.name ?? ''}"`);
  if (last.body.length > 0) return err('the output goes on after its end');
  return ok(frames);
}

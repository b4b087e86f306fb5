/** Takes a probe's output apart into named frames. Refuses output that was cut off or never began. */
import { err, ok, type Result } from '../core/result.ts';

export interface Frame {
  readonly name: string;
  readonly body: Buffer;
}

/** In order of appearance; the error says what is wrong with the output. */
export function splitFrames(output: Buffer, nonce: string): Result<readonly Frame[], string> {
  const marker = Buffer.from(`\n${nonce} `);
  const frames: Frame[] = [];
  let at = output.indexOf(marker);
  if (at === -1) return err('the script printed nothing of what was asked');
  while (at !== -1) {
    const nameStart = at + marker.length;
    const nameEnd = output.indexOf(10, nameStart);
    if (nameEnd === -1) return err('the output is cut off inside a frame header');
    const next = output.indexOf(marker, nameEnd);
    frames.push({
      name: output.toString('latin1', nameStart, nameEnd),
      body: output.subarray(nameEnd + 1, next === -1 ? output.length : next),
    });
    at = next;
  }
  if (frames.at(-1)?.name !== 'end') return err(`the output is cut off after "${frames.at(-1)?.name ?? ''}"`);
  return ok(frames);
}

/**
 * Turns chunks into lines for the readers that wait. Refuses lines and backlogs past their bounds; knows
 * nothing of SSH.
 */
import { failure, type Failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';

export type Line = Result<string | null, Failure>;

const NEWLINE = 0x0a;
/** Added to the length of each line, so that empty lines are bounded too. */
const LINE_OVERHEAD_BYTES = 64;
const cost = (line: string): number => line.length + LINE_OVERHEAD_BYTES;

export class LineQueue {
  readonly #node: string;
  readonly #maxLineBytes: number;
  readonly #maxBacklogBytes: number;
  readonly #lines: string[] = [];
  readonly #waiting: ((line: Line) => void)[] = [];
  #partial: Buffer[] = [];
  #partialBytes = 0;
  #backlogBytes = 0;
  /** Every reader gets it once the lines are used up. */
  #end: Line | undefined;

  constructor(node: string, maxLineBytes: number, maxBacklogBytes: number) {
    this.#node = node;
    this.#maxLineBytes = maxLineBytes;
    this.#maxBacklogBytes = maxBacklogBytes;
  }

  /**
   * False: a bound was passed. Readers get a failure after the lines before it; further chunks are refused.
   */
  push(chunk: Buffer): boolean {
    if (this.#end !== undefined) return false;
    let start = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, start)) {
      if (!this.#keep(chunk.subarray(start, at))) return false;
      this.#deliver();
      if (this.#backlogBytes > this.#maxBacklogBytes) return this.#refuse('more output than is being read');
      start = at + 1;
    }
    return this.#keep(chunk.subarray(start));
  }

  /** No more chunks. A last line without newline counts only if it is known to be whole. */
  end(whole: boolean): void {
    if (this.#end !== undefined) return;
    if (whole && this.#partialBytes > 0) this.#deliver();
    this.#finish(ok(null));
  }

  async next(timeoutMs: number): Promise<Line> {
    const line = this.#lines.shift();
    if (line !== undefined) {
      this.#backlogBytes -= cost(line);
      return ok(line);
    }
    if (this.#end !== undefined) return this.#end;
    return await new Promise((resolve) => {
      const take = (next: Line): void => {
        clearTimeout(timer);
        resolve(next);
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1);
        resolve(err(this.#silent(timeoutMs)));
      }, timeoutMs);
      this.#waiting.push(take);
    });
  }

  #keep(piece: Buffer): boolean {
    this.#partialBytes += piece.length;
    if (this.#partialBytes > this.#maxLineBytes) return this.#refuse('a line that is too long');
    if (piece.length > 0) this.#partial.push(piece);
    return true;
  }

  #deliver(): void {
    const line = Buffer.concat(this.#partial).toString();
    this.#partial = [];
    this.#partialBytes = 0;
    const reader = this.#waiting.shift();
    if (reader !== undefined) reader(ok(line));
    else {
      this.#lines.push(line);
      this.#backlogBytes += cost(line);
    }
  }

  #refuse(what: string): false {
    this.#finish(err(failure('output-too-large', `a session wrote ${what}`, { node: this.#node })));
    return false;
  }

  #finish(end: Line): void {
    this.#end = end;
    this.#partial = [];
    for (const reader of this.#waiting.splice(0)) reader(end);
  }

  #silent(timeoutMs: number): Failure {
    return failure('timeout', `a session sent nothing for ${String(timeoutMs / 1000)} s`, {
      node: this.#node,
    });
  }
}

/**
 * A run of the program whose events are read as they come, so that something can be done to the cluster at
 * one of them.
 */
import { BUILT, type Ran, type Running, start } from './cluster.ts';
import type { Program } from './pauses.ts';

export interface Rollback {
  readonly by: 'inverses' | 'before-image' | 'nothing to undo';
  readonly seconds: number;
}

export interface Seen {
  readonly at: number;
  readonly type: string;
  readonly phase?: string;
  readonly status?: string;
  readonly node?: string;
  readonly action?: string;
  readonly detail?: string;
  readonly exitCode?: number;
  readonly owed?: readonly unknown[];
  readonly failures?: readonly {
    readonly code: string;
    readonly title: string;
    readonly cause?: string;
    readonly details?: readonly string[];
  }[];
}

/** The events of a run, with the time at which each line was seen. */
export class Watched {
  readonly run: Running;
  readonly events: Seen[] = [];
  ended: Ran | undefined;
  readonly done: Promise<Ran>;
  /** Called with each event. Nothing polls: that would slow down the cluster that is measured. */
  readonly #waiting = new Set<(event: Seen) => void>();

  constructor(command: string, file: string, flags: readonly string[] = [], program: Program = BUILT) {
    const words = [command, file, '--yes', '--json', ...flags];
    const take = (line: string): void => {
      this.#take(line);
    };
    this.run = start(words, '', take, program);
    this.done = this.run.done.then((ran) => (this.ended = ran));
  }

  #take(line: string): void {
    if (!line.startsWith('{"type"')) return;
    const event = { ...(JSON.parse(line) as Omit<Seen, 'at'>), at: performance.now() };
    this.events.push(event);
    for (const notify of this.#waiting) notify(event);
  }

  /** False: it did not within the limit, or the run was over before. */
  async reaches(what: (event: Seen) => boolean, limitMs: number): Promise<boolean> {
    if (this.events.some(what)) return true;
    return await new Promise((resolve) => {
      const answer = (reached: boolean): void => {
        clearTimeout(limit);
        this.#waiting.delete(notify);
        resolve(reached);
      };
      const notify = (event: Seen): void => {
        if (what(event)) answer(true);
      };
      const limit = setTimeout(answer, limitMs, false);
      this.#waiting.add(notify);
      void this.done.then(() => {
        answer(false);
      });
    });
  }

  phase(): string {
    if (this.ended !== undefined) return 'ended';
    return this.events.findLast((e) => e.type === 'phase')?.phase ?? 'observe';
  }

  rollback(): Rollback | undefined {
    const from = this.events.find(
      (e) => e.type === 'phase' && e.phase === 'rollback' && e.status === 'started',
    );
    const to = this.events.findLast(
      (e) => e.type === 'phase' && e.phase === 'rollback' && e.status === 'done',
    );
    if (from === undefined || to === undefined) return undefined;
    const within = this.events.filter((e) => e.phase === 'rollback');
    const by = within.some((e) => e.detail === 'restore-store')
      ? 'before-image'
      : within.some((e) => e.type === 'step')
        ? 'inverses'
        : 'nothing to undo';
    return { by, seconds: (to.at - from.at) / 1000 };
  }

  /** The words of its failures, for a case that falls short. */
  words(): string {
    const result = this.events.findLast((e) => e.type === 'result');
    return (result?.failures ?? [])
      .map((f) => [f.code, f.title, f.cause ?? '', ...(f.details ?? [])].join(': '))
      .join(' | ')
      .slice(0, 600);
  }
}

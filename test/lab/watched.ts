/** A run of the program whose events are read as they come, so that something can be done to the cluster at one of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ran, type Running, start } from './cluster.ts';

const POLL_MS = 4;

export interface Rollback {
  readonly by: 'inverses' | 'before-image' | 'nothing to undo';
  readonly seconds: number;
}

export interface Seen {
  readonly at: number;
  readonly type: string;
  readonly phase?: string;
  readonly status?: string;
  readonly action?: string;
  readonly detail?: string;
  readonly exitCode?: number;
  readonly owed?: readonly unknown[];
  readonly failures?: readonly { readonly code: string; readonly title: string; readonly cause?: string }[];
}

/** What a run has told, with the time at which each line was seen. */
export class Watched {
  readonly run: Running;
  readonly events: Seen[] = [];
  ended: Ran | undefined;
  readonly done: Promise<Ran>;
  #read = 0;

  constructor(command: string, file: string, flags: readonly string[] = []) {
    this.run = start([command, file, '--yes', '--json', ...flags]);
    this.done = this.#follow();
    void this.run.done.then((ran) => (this.ended = ran));
  }

  async #follow(): Promise<Ran> {
    while (this.ended === undefined) {
      this.#look(this.run.output());
      await sleep(POLL_MS);
    }
    this.#look(this.ended.stdout);
    return this.ended;
  }

  #look(text: string): void {
    const upTo = text.lastIndexOf('\n') + 1;
    const lines = text.slice(this.#read, upTo).split('\n');
    this.#read = Math.max(this.#read, upTo);
    for (const line of lines)
      if (line.startsWith('{"type"'))
        this.events.push({ ...(JSON.parse(line) as Omit<Seen, 'at'>), at: performance.now() });
  }

  /** False: the run was over before. */
  async reaches(what: (event: Seen) => boolean, limitMs: number): Promise<boolean> {
    const deadline = performance.now() + limitMs;
    while (performance.now() < deadline) {
      if (this.events.some(what)) return true;
      if (this.ended !== undefined) return false;
      await sleep(POLL_MS);
    }
    return false;
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
    return (result?.failures ?? []).map((f) => [f.code, f.title, f.cause ?? ''].join(': ')).join(' | ').slice(0, 600); // prettier-ignore
  }
}

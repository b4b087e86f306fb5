/**
 * Live rows on a terminal, set from outside as the events say. listr2 draws and animates. Its engine runs a
 * single task that waits for the end, so that it can neither abandon, retry nor roll back anything.
 */
import {
  DefaultRenderer,
  Listr,
  ListrLogger,
  ListrTaskState,
  ProcessOutput,
  type SimpleRenderer,
  Spinner,
  createWritable,
} from 'listr2';
import type { Event } from '../../model/event.ts';
import { emptyRun, take } from './run-model.ts';
import { viewRows, type ViewRow } from './run-rows.ts';
import { liveStyle } from './run-live-style.ts';
import { palette } from '../text/sgr.ts';
import type { Terminal } from '../terminal.ts';
import type { RunView } from './view.ts';

/**
 * We have decided already that the view is wanted. listr2 would check standard output; we write to standard
 * error.
 */
class Renderer extends DefaultRenderer {
  static override nonTTY = true;
}

/** Ticks while something is drawn: the moment to bring the rows up to date, so that running times run. */
class Ticker extends Spinner {
  readonly #onTick: () => void;
  constructor(onTick: () => void) {
    super();
    this.#onTick = onTick;
  }
  override start(draw?: () => void, interval?: number): void {
    super.start(() => {
      this.#onTick();
      draw?.();
    }, interval);
  }
}

type List = Listr<unknown, typeof Renderer, typeof SimpleRenderer>;
type Task = List['tasks'][number];

const LISTR_OPTIONS = { renderer: Renderer, registerSignalListeners: false, exitOnError: false } as const;
/** listr2 wraps by the width of standard output, and by 80 where that has none. */
const WIDTH_UNKNOWN = 80;
/** Icon, blank, and a margin: a row that listr2 must wrap is worse than one cut short. */
const ICON_WIDTH = 6;
const ROWS_UNKNOWN = 24;

const STATE: Record<ViewRow['status'], ListrTaskState> = {
  running: ListrTaskState.STARTED,
  done: ListrTaskState.COMPLETED,
  failed: ListrTaskState.FAILED,
  // listr2 has no such states; these two are drawn by an icon and nothing else, which `liveStyle` replaces.
  unknown: ListrTaskState.ROLLED_BACK,
  warning: ListrTaskState.SKIPPED,
  info: ListrTaskState.WAITING,
};

/** Ready when listr2 draws; refused when it cannot, so that the caller can do with lines. */
export async function startLive(terminal: Terminal, now: () => Date): Promise<RunView> {
  const run = emptyRun();
  const width =
    (terminal.outIsTty ? terminal.columns : Math.min(terminal.columns, WIDTH_UNKNOWN)) - ICON_WIDTH;
  // listr2 runs every task it finds when it begins; ours join after that, and are only drawn.
  const begun = gate();
  const ended = gate();
  const keep = (): Promise<void> => {
    begun.open();
    return ended.opened;
  };
  const list: List = new Listr([{ task: keep }], {
    ...LISTR_OPTIONS,
    rendererOptions: {
      ...liveStyle(terminal.colour),
      collapseSubtasks: false,
      logger: new ListrLogger({ useIcons: true, processOutput: outputTo(terminal) }),
      spinner: new Ticker(() => void begun.opened.then(() => draw(false))),
    },
  });
  const show = rowsOf(list);
  const draw = (over: boolean): Promise<void> =>
    show(viewRows(run, { now: now().getTime(), width, palette: palette(terminal.colour), over }));
  const running = list.run();
  await Promise.race([begun.opened, running]);
  let finishing: Promise<void> | undefined;
  const finish = async (): Promise<void> => {
    await draw(true);
    ended.open();
    await running;
  };
  return {
    onEvent: (event: Event) => {
      take(run, event, now().getTime());
    },
    finish: () => (finishing ??= finish()),
  };
}

/** A promise that is kept from outside. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    opened,
    open: () => {
      open();
    },
  };
}

/** Makes the list's tasks equal to the rows it is given; a task that was drawn before is used again. */
function rowsOf(list: List): (rows: readonly ViewRow[]) => Promise<void> {
  const [keeper] = list.tasks;
  const known = new Map<string, Task>();
  const enabled: Promise<boolean>[] = [];
  const taskFor = (key: string, title: string): Task[] => {
    const found = known.get(key);
    if (found !== undefined) return [found];
    const made: List = new Listr([{ title, task: () => undefined }], LISTR_OPTIONS, keeper);
    for (const task of made.tasks) {
      known.set(key, task);
      enabled.push(task.check(undefined));
    }
    return made.tasks;
  };
  const update = (rows: readonly ViewRow[], path: string): Task[] =>
    rows.flatMap((row) => {
      const key = `${path}/${row.key}`;
      const tasks = taskFor(key, row.title);
      for (const task of tasks) {
        task.title = row.title;
        task.state = STATE[row.status];
        task.subtasks = update(row.rows, key);
      }
      return tasks;
    });
  return async (rows) => {
    // In place: the renderer keeps this very array.
    list.tasks.splice(1, Infinity, ...update(rows, ''));
    await Promise.all(enabled.splice(0));
  };
}

/**
 * listr2 asks for two process streams; it reads width and height and writes, and nothing of the process is
 * captured.
 */
function outputTo(terminal: Terminal): ProcessOutput {
  const stream = Object.assign(createWritable(terminal.err), {
    columns: terminal.columns,
    rows: terminal.rows ?? ROWS_UNKNOWN,
  }) as unknown as NodeJS.WriteStream;
  return new ProcessOutput(stream, stream);
}

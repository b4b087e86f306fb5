/** What shows a run while it goes on: it gets every event, and is finished at the end. */
import type { Event } from '../../model/event.ts';

export interface RunView {
  readonly onEvent: (event: Event) => void;
  /** Draws the last state and gives the terminal back. Safe to call at any moment, and more than once. */
  readonly finish: () => Promise<void>;
}

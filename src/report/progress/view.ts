/** The contract of whatever shows a run while it goes on: told of every event, then told to end. */
import type { Event } from '../../model/event.ts';

export interface RunView {
  readonly onEvent: (event: Event) => void;
  /** Draws what is left and gives the terminal back. Safe to call at any moment, and more than once. */
  readonly finish: () => Promise<void>;
}

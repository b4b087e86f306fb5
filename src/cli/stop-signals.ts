/**
 * What a signal to stop means, given those before it. Refuses to take the signals of one event for two: a
 * terminal that is closed sends SIGHUP several times within a millisecond.
 */
export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type StopSignal = (typeof STOP_SIGNALS)[number];

/** What arrives within this belongs to the first signal: a key pressed twice, a signal sent twice. */
export const SECOND_AFTER_MS = 1000;

/** Whether this signal comes from someone who no longer wants to wait for what the first one began. */
export function secondSignal(): (name: StopSignal, atMs: number) => boolean {
  let first: number | undefined;
  return (name, atMs) => {
    first ??= atMs;
    return name !== 'SIGHUP' && atMs - first >= SECOND_AFTER_MS;
  };
}

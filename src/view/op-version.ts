/** Operating versions that a release of GlusterFS knows (globals.h). Owns that table. */

/** Since 8.0 only the first number of a release counts. */
const BY_MAJOR_SINCE = 8;
const NEWEST_KNOWN = 11;

/**
 * The highest one that the release knows. Of releases that are not in the table no higher one than their own
 * numbers say.
 */
export function highestOpVersion(release: string): number | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  const isExact = Number(major) >= BY_MAJOR_SINCE && Number(major) <= NEWEST_KNOWN;
  return Number(major) * 10_000 + (isExact ? 0 : Number(minor) * 100 + 99);
}

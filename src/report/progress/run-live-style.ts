/**
 * Icons and colours of the live rows. Loaded with listr2 only; refuses listr2's own colours, which depend on
 * the process.
 */
import { ListrDefaultRendererLogLevels as Level, figures } from 'listr2';
import { palette, plain, type Paint } from '../text/sgr.ts';

type Mark = (icon?: string) => string;

export function liveStyle(colour: boolean): {
  icon: Partial<Record<Level, string>>;
  color: Record<Level, Mark>;
} {
  const p = palette(colour);
  const mark =
    (paint: Paint): Mark =>
    (icon = '') =>
      paint(icon);
  return {
    icon: {
      [Level.ROLLED_BACK]: '?',
      [Level.SKIPPED_WITH_COLLAPSE]: '!',
      [Level.WAITING]: '·',
      [Level.FAILED_WITH_FAILED_SUBTASKS]: figures.cross,
      [Level.COMPLETED_WITH_FAILED_SUBTASKS]: figures.tick,
    },
    // All levels are named: what is left out would get listr2's own colours, asked for or not.
    color: {
      [Level.SKIPPED_WITH_COLLAPSE]: mark(p.yellow),
      [Level.SKIPPED_WITHOUT_COLLAPSE]: mark(p.yellow),
      [Level.OUTPUT]: mark(plain),
      [Level.OUTPUT_WITH_BOTTOMBAR]: mark(plain),
      [Level.PENDING]: mark(p.cyan),
      [Level.COMPLETED]: mark(p.green),
      [Level.COMPLETED_WITH_FAILED_SUBTASKS]: mark(p.green),
      [Level.COMPLETED_WITH_FAILED_SISTER_TASKS]: mark(p.green),
      [Level.RETRY]: mark(p.yellow),
      [Level.ROLLING_BACK]: mark(p.yellow),
      [Level.ROLLED_BACK]: mark(p.yellow),
      [Level.FAILED]: mark(p.red),
      [Level.FAILED_WITH_FAILED_SUBTASKS]: mark(p.red),
      [Level.WAITING]: mark(p.dim),
      [Level.PAUSED]: mark(p.yellow),
    },
  };
}

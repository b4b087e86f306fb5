/**
 * The story holds on the simulated cluster. `npm run demo` shows that it holds on real hosts.
 */
import { expect, test } from 'vitest';
import { simStage } from './sim-stage.ts';
import { playStory } from './story.ts';

test('the story of the demo holds, to its end', async () => {
  const lines: string[] = [];
  const write = (text: string): void => void lines.push(text);
  const stage = simStage({
    out: write,
    err: write,
    outIsTty: false,
    errIsTty: false,
    colour: false,
    columns: 80,
  });
  try {
    await playStory(stage, write);
  } finally {
    stage.close();
  }
  const text = lines.join('\n');
  expect(text).toContain('[ok] what all three nodes have stored is as it was before');
  expect(text).toContain('Failed, and rolled back: the cluster is as it was before.');
  expect(lines.at(-1)).toBe(stage.farewell.at(-1));
}, 60_000);

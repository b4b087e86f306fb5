/** A volume that is started on some nodes only, as a failed command leaves it, takes no plain command. */
import { expect, it } from 'vitest';
import { volumeStart, volumeStop } from '../../../src/actions/volume-state.ts';
import { edit, world } from '../../worlds.ts';

const asked = (stopped: readonly string[]): readonly string[] => {
  const w = world();
  for (const name of stopped)
    edit(w.node(name), 'vols/v/info', (text) => text.replace('status=1', 'status=2'));
  return [volumeStart, volumeStop].map((action) => JSON.stringify(action.calls({ volume: 'v' }, w.view())));
};

it.each([
  ['started everywhere', [], ['"start","v"]', '"stop","v"]']],
  ['started on some nodes', ['node02'], ['"start","v","force"]', '"stop","v","force"]']],
  ['started nowhere', ['node01', 'node02', 'node03'], ['"start","v"]', '"stop","v"]']],
])('%s', (_, stopped, words) => {
  const calls = asked(stopped);
  words.forEach((word, i) => {
    expect(calls[i]).toContain(word);
  });
});

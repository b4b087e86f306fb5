/** Before, as we left it, or changed by somebody else since: key by key, by definitions alone. */
import { expect, it } from 'vitest';
import type { Definition } from '../../../../src/model/definition.ts';
import { differencesOf } from '../../../../src/transaction/rollback/foreign.ts';

const WAS: Definition = {
  id: 'id-1',
  status: 'started',
  type: 'replica 3, tcp',
  bricks: ['node01:/b/v', 'node02:/b/v', 'node03:/b/v'],
  options: { 'nfs.disable': 'on' },
};
const options = (set: Record<string, string>): Definition => ({
  ...WAS,
  options: { ...WAS.options, ...set },
});
const PING = options({ 'network.ping-timeout': '21' });
const NEW: Definition = { ...WAS, id: null, status: 'created', options: {} };

const cases: readonly [
  name: string,
  was: Definition | null,
  ours: readonly (Definition | null)[],
  is: Definition | null,
  found: readonly string[],
][] = [
  ['as before', WAS, [PING], WAS, []],
  ['as we left it', WAS, [PING], PING, ['network.ping-timeout ours']],
  [
    'a key of ours, by another',
    WAS,
    [PING],
    options({ 'network.ping-timeout': '30' }),
    ['network.ping-timeout touched'],
  ],
  ['a key not of ours', WAS, [PING], options({ 'auth.allow': '10.*' }), ['auth.allow foreign']],
  ['a key that was set and is reset', WAS, [PING], { ...WAS, options: {} }, ['nfs.disable foreign']],
  [
    'bricks added',
    WAS,
    [PING],
    { ...PING, bricks: [...WAS.bricks, 'node01:/b/w'] },
    ['bricks foreign', 'network.ping-timeout ours'],
  ],
  ['bricks in another order', WAS, [PING], { ...WAS, bricks: [...WAS.bricks].reverse() }, ['bricks foreign']],
  ['stopped by another', WAS, [PING], { ...WAS, status: 'stopped' }, ['status foreign']],
  ['stopped by us', WAS, [{ ...WAS, status: 'stopped' }], { ...WAS, status: 'stopped' }, ['status ours']],
  ['another volume by that name', WAS, [PING], { ...WAS, id: 'id-2' }, ['volume-id foreign']],
  ['deleted by another', WAS, [PING], null, ['existence foreign']],
  ['deleted by us', WAS, [null], null, ['existence ours']],
  ['not there before, and not now', null, [NEW], null, []],
  [
    'created by us, with what glusterd sets in it',
    null,
    [NEW],
    { ...NEW, id: 'id-3', options: { 'nfs.disable': 'on' } },
    ['existence ours', 'status ours', 'type ours', 'bricks ours', 'volume-id ours'],
  ],
  [
    'created by us, and started by another',
    null,
    [NEW],
    { ...NEW, id: 'id-3', status: 'started' },
    ['existence ours', 'status foreign', 'type ours', 'bricks ours', 'volume-id ours'],
  ],
  ['created by another', null, [null], WAS, ['existence foreign']],
];

it.each(cases)('%s', (_name, was, ours, is, found) => {
  const differences = differencesOf(is, was, { states: ours, isUnknown: false });
  const words = differences.map((d) => `${d.key} ${d.isOurs ? 'ours' : d.isTouched ? 'touched' : 'foreign'}`);
  expect(words.sort()).toEqual([...found].sort());
});

it('is foreign where a step may have made anything of it', () => {
  expect(differencesOf(PING, WAS, { states: [], isUnknown: true })).toMatchObject([
    { isOurs: false, isTouched: true },
  ]);
});

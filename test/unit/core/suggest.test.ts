import { describe, expect, test } from 'vitest';
import { editDistance, suggest } from '../../../src/core/suggest.ts';

describe('editDistance', () => {
  test.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['abc', 'abc', 0],
    ['abc', 'acb', 1],
    ['replica', 'repilca', 1],
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
  ])('%j to %j is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });
});

describe('suggest', () => {
  const keys = ['replica', 'redundancy', 'arbiter', 'bricks', 'options', 'optionsMode'];
  test.each([
    ['repilca', 'replica'],
    ['Replica', 'replica'],
    ['brick', 'bricks'],
    ['optionmode', 'optionsMode'],
    ['option', 'options'],
    ['xyz', undefined],
    ['', undefined],
    ['r'.repeat(1000), undefined],
  ])('%j gives %j', (word, expected) => {
    expect(suggest(word, keys)).toBe(expected);
  });
});

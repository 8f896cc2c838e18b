import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAlike } from '../../../../platform/registry/is-alike.ts';

test('what is equal is alike, and rounding makes no difference', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => isAlike(value, structuredClone(value))));
  expect(isAlike({ value: 0.95, low: null }, { value: 0.950_001, low: null })).toBe(true);
  expect(isAlike('accuracy 0.9512 ≥ 0.92', 'accuracy 0.9513 ≥ 0.92')).toBe(true);
});

test.each([
  ['another number', { value: 0.95 }, { value: 0.96 }],
  ['a number for null', { low: null }, { low: 0.9 }],
  ['other words', 'better by 3', 'worse by 3'],
  ['another number in words', '30 fixed, 0 broken', '3 fixed, 0 broken'],
  ['a number more in words', '3 fixed', '3 fixed 1'],
  ['an item less', [1, 2], [1]],
  ['an item more', { a: 1 }, { a: 1, b: undefined, c: 2 }],
  ['another truth', { passed: true }, { passed: false }],
])('%s is not alike', (_, stated, measured) => {
  expect(isAlike(stated, measured)).toBe(false);
  expect(isAlike(measured, stated)).toBe(false);
});

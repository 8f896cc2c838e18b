import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { ifIntact, parseIntact } from '../../../../platform/lib/parse-intact.ts';

const Line = Type.Object({ label: Type.String() });

test.each([
  ['cut off', '{"label":"go'],
  ['empty', ''],
  ['of another shape', '{"label":1}'],
  ['with a key twice', '{"label":"a","label":"b"}'],
  ['a marker of a merge', '<<<<<<< HEAD'],
  ['both sides of a merge', '<<<<<<< HEAD\n{"label":"a"}\n=======\n{"label":"b"}\n>>>>>>> pears\n'],
])('text that is %s is as if it were not there', (_, text) => {
  expect(parseIntact(text, Line, 'a line')).toBeNull();
});

test('what is whole is read', () => {
  expect(parseIntact('{"label":"good"}', Line, 'a line')).toEqual({ label: 'good' });
});

test('another error is not taken for damage', () => {
  const fail = () => {
    throw new TypeError('a fault of ours');
  };
  expect(() => ifIntact(fail)).toThrow('a fault of ours');
});

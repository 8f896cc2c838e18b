import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { Check, Default } from 'typebox/value';
import { expect, test } from 'vitest';
import { dictionary } from '../../../../platform/lib/dictionary.ts';

const counts = dictionary(Type.Integer());

test.each(['', 'good', 'line\nbreak', 'line\r\nbreak', '\u2028', '__proto__', 'constructor'])(
  'the value under the key %j is checked',
  (key) => {
    for (const check of [(value: unknown) => Check(counts, value), compiled]) {
      expect(check(Object.fromEntries([[key, 1]]))).toBe(true);
      expect(check(Object.fromEntries([[key, 'one']]))).toBe(false);
    }
  },
);

const compiled = (value: unknown) => Compile(counts).Check(value);

test('defaults are filled in under a key with a line break too', () => {
  const schema = dictionary(Type.Object({ missing: Type.Number({ default: 0 }) }, { default: {} }));
  expect(Default(schema, { 'c\nd': {} })).toEqual({ 'c\nd': { missing: 0 } });
});

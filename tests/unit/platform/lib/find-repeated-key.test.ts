import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findRepeatedKey } from '../../../../platform/lib/find-repeated-key.ts';

test('what JSON.stringify writes has no key twice, however it is indented', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(2), (value, indent) => {
      expect(findRepeatedKey(JSON.stringify(value, null, indent))).toBeNull();
    }),
  );
});

test('a key that is repeated anywhere is found, whatever it and its values are', () => {
  const entry = fc.tuple(fc.string(), fc.jsonValue());
  const others = fc.uniqueArray(entry, { selector: ([key]) => key, minLength: 1 });
  fc.assert(
    fc.property(others, fc.jsonValue(), (entries, value) => {
      const [[key] = ['']] = entries;
      const members = [...entries, [key, value] as const].map(
        ([name, held]) => `${JSON.stringify(name)} : ${JSON.stringify(held)}`,
      );
      expect(findRepeatedKey(`[{"a": {${members.join(',\n')}}}]`)).toMatchObject({ key, first: 1 });
    }),
  );
});

test('keys that are spelt differently but mean the same are the same, and those of other objects are not', () => {
  expect(findRepeatedKey('{"a": 1,\n\n"\\u0061": 2}')).toEqual({ key: 'a', first: 1, second: 3 });
  expect(findRepeatedKey('{"a": {"a": ["a", {"a": "a"}]}, "b": {"a": 1}}')).toBeNull();
});

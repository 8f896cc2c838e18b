import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findTextFault, mostDepth } from '../../../../platform/lib/find-text-fault.ts';

test('what JSON.stringify writes has no key twice, however it is indented', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(2), (value, indent) => {
      expect(findTextFault(JSON.stringify(value, null, indent))).toBeNull();
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
      expect(findTextFault(`[{"a": {${members.join(',\n')}}}]`)).toMatchObject({ key, first: 1 });
    }),
  );
});

test('keys that are spelt differently but mean the same are the same, and those of other objects are not', () => {
  expect(findTextFault('{"a": 1,\n\n"\\u0061": 2}')).toEqual({ key: 'a', first: 1, second: 3 });
  expect(findTextFault('{"a": {"a": ["a", {"a": "a"}]}, "b": {"a": 1}}')).toBeNull();
});

test('what lies too deep is found, with the line on which it does', () => {
  const nested = (depth: number, open: string, close: string) =>
    open.repeat(depth) + close.repeat(depth);
  const fits = mostDepth;
  expect(findTextFault(nested(fits, '[', ']'))).toBeNull();
  expect(findTextFault(nested(fits + 2, '\n[', ']'))).toEqual({ tooDeep: mostDepth + 3 });
  expect(findTextFault(nested(200_000, '[', ']'))).toEqual({ tooDeep: 1 });
  expect(findTextFault(`${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`)).toEqual({
    tooDeep: 1,
  });
  expect(findTextFault(JSON.stringify(['['.repeat(9_000), '{'.repeat(9_000)]))).toBeNull();
});

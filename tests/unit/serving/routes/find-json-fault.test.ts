import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findJsonFault } from '../../../../serving/routes/find-json-fault.ts';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

test('valid JSON has no fault, and what is not JSON has one', () => {
  const written = fc.jsonValue().map((value) => JSON.stringify(value, null, 1));
  const broken = fc
    .tuple(written, fc.nat(), fc.constantFrom('', ',', '"', '}', ']', ':', '\\', '0', '\n', 'x'))
    .map(([text, at, put]) => {
      const place = at % (text.length + 1);
      return `${text.slice(0, place)}${put}${text.slice(place + (put === '' ? 1 : 0))}`;
    });
  fc.assert(
    fc.property(fc.oneof(written, broken, fc.string()), (text) => {
      expect(findJsonFault(text) === null).toBe(isJson(text));
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['{\n  "mass": 3750,\n}', 3, 1],
  ['{"mass": 3,750}', 1, 12],
  ["{'mass': 3}", 1, 2],
  ['{"mass": NaN}', 1, 10],
  ['{"mass": 03}', 1, 10],
  ['{"mass": 3', 1, 11],
  ['{"mass": 3} x', 1, 13],
  ['["a\\q"]', 1, 4],
  ['', 1, 1],
])('%j is faulty at line %i, column %i', (text, line, column) => {
  expect(findJsonFault(text)).toEqual({ line, column });
});

test('a long text is looked at once, however deep or long its parts are', () => {
  const text = `[${'"'.padEnd(3_000_000, 'a')}"${',[1]'.repeat(200_000)}`;
  expect(findJsonFault(text)).toMatchObject({ line: 1, column: text.length + 1 });
});

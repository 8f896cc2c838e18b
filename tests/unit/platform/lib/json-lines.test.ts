import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeLines, encodeLines } from '../../../../platform/lib/json-lines.ts';

test('lines of any JSON come back as they were', () => {
  fc.assert(
    fc.property(fc.array(fc.json()), (values) => {
      const lines = values.map((value) => JSON.stringify(JSON.parse(value)));
      expect([...decodeLines(encodeLines(lines))]).toEqual(lines);
    }),
  );
});

test('more lines than are written at once come back too, also without a last line feed', () => {
  const lines = Array.from({ length: 20_001 }, (_, index) => `{"ä":${index}}`);
  const bytes = encodeLines(lines);
  expect([...decodeLines(bytes)]).toEqual(lines);
  expect([...decodeLines(bytes.subarray(0, -1))]).toEqual(lines);
});

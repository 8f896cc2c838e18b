import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findRounded } from '../../../../platform/transforms/index.ts';

test('whole numbers that become the same are found, in whatever way they are written', () => {
  expect(findRounded(['9007199254740993', ' 9007199254740992', '-3', '1e30', 'x', ''])).toEqual([
    ...['9007199254740993', ' 9007199254740992'],
  ]);
  expect(findRounded(['+9007199254740992', '9007199254740992'])).toEqual([]);
  expect(findRounded(['1e300', '1.0e300', '9007199254740993'])).toEqual([]);
  expect(findRounded([`-${'9'.repeat(400)}`, `-${'9'.repeat(401)}`])).toHaveLength(2);
});

test('no number that a computer holds exactly is found', () => {
  const safe = fc.array(fc.maxSafeInteger().map(String));
  fc.assert(fc.property(safe, (texts) => findRounded(texts).length === 0));
});

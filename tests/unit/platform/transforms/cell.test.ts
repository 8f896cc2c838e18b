import fc from 'fast-check';
import { expect, test } from 'vitest';
import { guessKind, isTooLarge, parseNumber } from '../../../../platform/transforms/index.ts';

test('every number is read as JavaScript and as spreadsheets write it', () => {
  fc.assert(
    // The very largest may be rounded beyond what the network holds.
    fc.property(
      fc.double({ min: -3.4e38, max: 3.4e38, noNaN: true }),
      fc.nat(6),
      (number, digits) => {
        fc.pre(Math.abs(Number(number.toExponential(digits))) <= 3.4e38);
        expect(parseNumber(String(number))).toBe(Number(String(number)));
        expect(parseNumber(` ${number.toExponential(digits)} `)).toBe(
          Number(number.toExponential(digits)),
        );
        expect(parseNumber(number)).toBe(number);
      },
    ),
  );
  for (const text of ['.5', '5.', '+5', '-0.5e+3', '5E3', '007'])
    expect(parseNumber(text)).toBe(Number(text));
});

test.each([
  '0x27',
  '0X27',
  '0b1',
  '0o7',
  '1_000',
  '1,5',
  '5 kg',
  '--5',
  '.',
  'e5',
  '\u22125',
  '\u0661',
])('%j is not a number', (text) => {
  expect(parseNumber(text)).toBeNull();
  expect(isTooLarge(text)).toBe(false);
  expect(guessKind([text, text])).toBe('category');
});

test.each(['1e39', '-1e400', 'Infinity', '-Infinity'])('%s is too large a number', (text) => {
  expect(parseNumber(text)).toBeNull();
  expect(isTooLarge(text)).toBe(true);
});

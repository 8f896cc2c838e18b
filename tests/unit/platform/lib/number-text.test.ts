import { expect, test } from 'vitest';
import {
  differenceText,
  numberText,
  percentText,
  pointsText,
  signedText,
} from '../../../../platform/lib/number-text.ts';

test.each([
  [numberText(0.951234), '0.9512'],
  [numberText(-1234567), '−1235000'],
  [percentText(0.9512), '95.1 %'],
  [pointsText(0.0123), '+1.2 pp'],
  [pointsText(-0.05), '−5.0 pp'],
  [pointsText(-0.0001), '±0.0 pp'],
  [signedText(3), '+3'],
  [signedText(0), '±0'],
  [differenceText(-0.25), '−0.25'],
])('%s is shown as %s', (text, expected) => {
  expect(text).toBe(expected);
});

import { expect, test } from 'vitest';
import {
  renderDifference,
  renderNumber,
  renderPercent,
  renderPoints,
  renderSigned,
} from '../../../../platform/lib/render-number.ts';

test.each([
  [renderNumber(0.951234), '0.9512'],
  [renderNumber(-1234567), '−1235000'],
  [renderPercent(0.9512), '95.1 %'],
  [renderPoints(0.0123), '+1.2 pp'],
  [renderPoints(-0.05), '−5.0 pp'],
  [renderPoints(-0.0001), '±0.0 pp'],
  [renderSigned(3), '+3'],
  [renderSigned(0), '±0'],
  [renderDifference(-0.25), '−0.25'],
])('%s is shown as %s', (text, expected) => {
  expect(text).toBe(expected);
});

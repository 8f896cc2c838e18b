import { expect, test } from 'vitest';
import { renderDuration } from '../../../../platform/lib/render-duration.ts';

test.each([
  [0, '0.0 s'],
  [0.84, '0.8 s'],
  [12.6, '13 s'],
  [59.7, '1 min 0 s'],
  [431, '7 min 11 s'],
  [3599.9, '1 h 0 min'],
  [9000, '2 h 30 min'],
])('%d seconds read as %s', (seconds, text) => {
  expect(renderDuration(seconds)).toBe(text);
});

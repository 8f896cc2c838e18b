import { expect, test } from 'vitest';
import { renderDataDiff } from '../../../../../platform/storage/index.ts';

test('a class with a long name or a line break takes one line of its own', () => {
  const long = 'x'.repeat(5000);
  const none = { added: [], removed: [], modified: ['t.csv'], relabelled: [] };
  const classes = { before: {}, after: { 'a\nb': 3, [long]: 4 } };
  const lines = renderDataDiff({ datasets: { odd: { ...none, classes } } }).split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[1]).toMatch(/^ {2}a\\nb +3 {2}\(\+3\)$/);
  expect(lines.every((line) => line.length < 100)).toBe(true);
});

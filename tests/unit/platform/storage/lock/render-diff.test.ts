import { expect, test } from 'vitest';
import { renderDataDiff } from '../../../../../platform/storage/index.ts';

test.each(['__proto__', 'constructor', 'toString', 'good'])(
  'a class called %s that comes or goes is counted like any other',
  (name) => {
    const files = { added: [], removed: [], modified: [], relabelled: [] };
    const some = Object.fromEntries([[name, 61]]);
    const render = (before: Record<string, number>, after: Record<string, number>) =>
      renderDataDiff({ datasets: { farm: { ...files, classes: { before, after } } } });
    expect(render({ bad: 1 }, some)).toContain(`${name.padEnd(3)}  0 → 61  (+61)`);
    expect(render(some, { bad: 1 })).toContain(`${name.padEnd(3)}  61 → 0  (-61)`);
    expect(render({}, some)).toContain(`${name}  61  (+61)`);
  },
);

test('a class with a long name or a line break takes one line of its own', () => {
  const long = 'x'.repeat(5000);
  const none = { added: [], removed: [], modified: ['t.csv'], relabelled: [] };
  const classes = { before: {}, after: { 'a\nb': 3, [long]: 4 } };
  const lines = renderDataDiff({ datasets: { odd: { ...none, classes } } }).split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[1]).toMatch(/^ {2}a\\nb +3 {2}\(\+3\)$/);
  expect(lines.every((line) => line.length < 100)).toBe(true);
});

test('a dataset without files has no files, and not other splits', () => {
  const none = { added: [], removed: [], modified: [], relabelled: [] };
  const render = (counts: Record<string, number>) =>
    renderDataDiff({
      datasets: { fruit: { ...none, classes: { before: counts, after: counts } } },
    });
  expect(render({})).toBe('fruit: no files');
  expect(render({ red: 1 })).toContain('fruit: same files, other splits');
});

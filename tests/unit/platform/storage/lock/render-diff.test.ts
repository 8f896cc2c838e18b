import { expect, test } from 'vitest';
import { renderDataDiff } from '../../../../../platform/storage/lock/render-diff.ts';

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

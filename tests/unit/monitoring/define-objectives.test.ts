import { expect, test } from 'vitest';
import { defineObjectives } from '../../../monitoring/define-objectives.ts';
import { isMainstemError } from '../../../platform/lib/errors.ts';

test('what is not promised has its default', () => {
  const objectives = defineObjectives({ availability: 0.999, latency: { seconds: 0.25 } });
  expect(objectives).toMatchObject({
    availability: 0.999,
    latency: { seconds: 0.25, share: 0.99 },
  });
  expect(objectives.window).toBe('6h');
});

test.each([
  ['availability', { availability: 1 }],
  ['latency.seconds', { latency: { seconds: 0.3 } }],
  ['window', { window: 'a day' }],
  ['runbook', { runbook: 'monitoring/runbook.md' }],
  ['falseAlarms', { falseAlarms: 0.5 }],
])('a %s that cannot be watched is refused by name', (where, objectives) => {
  try {
    defineObjectives(objectives);
    expect.unreachable();
  } catch (error) {
    expect(isMainstemError(error, 'OBJECTIVES_INVALID')).toBe(true);
    expect(String(error)).toContain(where);
  }
});

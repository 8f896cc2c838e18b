import { expect, test } from 'vitest';
import { metricsFor, primaryMetric, qualityMetrics } from '../../platform/quality/index.ts';
import { testMetric } from './metric.ts';

test('every metric has a name and a label of its own', () => {
  for (const key of ['name', 'label'] as const) {
    const words = qualityMetrics.map((metric) => metric[key]);
    expect(new Set(words).size).toBe(words.length);
  }
});

test.each([
  ['image-classification', 'accuracy', ['outOfDistributionAuroc', 'outOfDistributionFpr95']],
  ['tabular-classification', 'accuracy', ['outOfDistributionAuroc', 'outOfDistributionFpr95']],
  ['tabular-regression', 'mae', []],
] as const)('%s has one primary metric, %s', (task, primary, onlyWithOthers) => {
  const names = (others: boolean) => metricsFor(task, others).map(({ name }) => name);
  expect(metricsFor(task, true).filter((metric) => metric.primary)).toHaveLength(1);
  expect(primaryMetric(task).name).toBe(primary);
  expect(names(true).filter((name) => !names(false).includes(name))).toEqual(onlyWithOthers);
});

for (const metric of qualityMetrics) testMetric(metric);

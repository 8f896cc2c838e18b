import { expect, test } from 'vitest';
import {
  metricLabel,
  renderMetric,
  renderMetricDifference,
} from '../../../../../platform/quality/index.ts';

test('a share reads in percent, its difference in percentage points', () => {
  expect(renderMetric('accuracy', 0.951)).toBe('95.1 %');
  expect(renderMetricDifference('accuracy', -0.012)).toBe('−1.2 pp');
});

test('a number reads with four digits', () => {
  expect(renderMetric('mae', 12.34567)).toBe('12.35');
  expect(renderMetricDifference('mae', 0.5)).toBe('+0.5');
});

test('a metric of another version reads as it is called', () => {
  expect(metricLabel('outOfDistributionAuroc')).toBe('AUROC, out-of-distribution inputs');
  expect(metricLabel('kappa')).toBe('kappa');
  expect(renderMetric('kappa', 0.5)).toBe('0.5');
});

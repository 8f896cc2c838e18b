import type { GateResult } from '../../schemas/index.ts';
import { findMetric, metricsFor } from '../metrics/index.ts';
import type { GateFacts, GateMistake, GateScope } from './gate.ts';
import { renderLimit } from './render-limit.ts';

/** Checks that evaluation measures a metric in such a project. @returns null if it does */
export function checkMetric(metric: string, scope: GateScope): GateMistake | null {
  const names = metricsFor(scope.task, scope.outOfDistribution).map(({ name }) => name);
  if (names.includes(metric)) return null;
  const reason = `is ${JSON.stringify(metric)}, but must be one of ${names.join(', ')}`;
  return { key: 'metric', reason };
}

/** Compares the candidate's metric with a limit; a value equal to the limit passes. */
export function judgeMetric(
  metric: string,
  limit: number,
  passes: 'above' | 'below',
  { candidate }: GateFacts,
): GateResult {
  const value = candidate.metrics.find(({ name }) => name === metric)?.value;
  const asked = {
    of: metric,
    limit: `${passes === 'above' ? '≥' : '≤'} ${renderMetricLimit(metric, limit)}`,
  };
  if (value === undefined) {
    const known = candidate.metrics.map(({ name }) => name).join(', ');
    const message = `there is no metric "${metric}"; known: ${known}`;
    return { gate: metric, passed: false, message, ...asked };
  }
  const passed = passes === 'above' ? value >= limit : value <= limit;
  const sign = passes === 'above' ? (passed ? '≥' : '<') : passed ? '≤' : '>';
  // Where rounding would make two different numbers read alike, the value is shown in full.
  const shown = renderLimit(value) === renderLimit(limit) ? String(value) : renderLimit(value);
  const message = `${metric} ${shown} ${sign} ${renderLimit(limit)}`;
  return { gate: metric, passed, message, ...asked };
}

/** As tables show the metric's values. */
function renderMetricLimit(metric: string, limit: number): string {
  const share = findMetric(metric)?.format === 'share';
  return share ? `${renderLimit(limit * 100)} %` : renderLimit(limit);
}

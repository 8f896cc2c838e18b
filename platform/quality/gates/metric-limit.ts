import type { GateResult, Metric } from '../../schemas/index.ts';
import { findMetric, metricsFor } from '../metrics/index.ts';
import { renderMetric } from '../metrics/render-metric.ts';
import type { GateFacts, GateMistake, GateScope, HeldBackFacts } from './gate.ts';
import { renderLimit } from './render-limit.ts';

/**
 * Checks that evaluation measures a metric in such a project, that the limit keeps out worse models and not better ones, and
 * that the metric can have it.
 *
 * @returns null if so
 */
export function checkLimit(
  { metric, ...limit }: { metric: string; atLeast?: number; atMost?: number },
  scope: GateScope,
): GateMistake | null {
  const mistake = checkMetric(metric, scope);
  if (mistake) return mistake;
  return checkDirection(metric, limit) ?? checkRange(metric, limit);
}

type Limit = Readonly<Record<string, number>>;

/** A floor of an error lets every bad model pass, and refuses every good one. */
function checkDirection(metric: string, limit: Limit): GateMistake | null {
  const better = findMetric(metric)?.better;
  const [right, wrong] = better === 'lower' ? ['atMost', 'atLeast'] : ['atLeast', 'atMost'];
  const value = limit[wrong];
  if (value === undefined) return null;
  const reason = `is ${value}, but must be called ${right}: the ${better} ${metric} is, the better`;
  return { key: wrong, reason };
}

function checkRange(metric: string, limit: Limit): GateMistake | null {
  const [least, greatest] = findMetric(metric)?.range ?? [-Infinity, Infinity];
  const [wrong] = Object.entries(limit).filter(([, value]) => value < least || value > greatest);
  if (!wrong) return null;
  const [key, value] = wrong;
  const range = Number.isFinite(greatest) ? `from ${least} to ${greatest}` : `${least} or more`;
  const bounds = Number.isFinite(least) ? range : `at most ${greatest}`;
  return { key, reason: `is ${value}, but must be ${bounds}, as ${metric} is` };
}

/** Checks that evaluation measures a metric in such a project. @returns null if it does */
export function checkMetric(metric: string, scope: GateScope): GateMistake | null {
  const names = metricsFor(scope.task, scope.outOfDistribution).map(({ name }) => name);
  if (names.includes(metric)) return null;
  const reason = `is ${JSON.stringify(metric)}, but must be one of ${names.join(', ')}`;
  return { key: 'metric', reason };
}

/**
 * Compares the candidate's metric with a limit; a value equal to the limit passes. A ceiling that even a perfect model
 * may exceed by chance is raised to what 19 of 20 perfect ones keep to.
 */
export function judgeMetric(
  metric: string,
  limit: number,
  passes: 'above' | 'below',
  { candidate }: GateFacts,
): GateResult {
  const found = candidate.metrics.find(({ name }) => name === metric);
  const asked = {
    of: metric,
    limit: `${passes === 'above' ? '≥' : '≤'} ${renderMetricLimit(metric, limit)}`,
  };
  if (!found) {
    const known = candidate.metrics.map(({ name }) => name).join(', ');
    const message = `there is no metric "${metric}"; known: ${known}`;
    return { gate: metric, passed: false, message, ...asked };
  }
  const { value, chance } = found;
  if (passes === 'below' && chance && chance.high > limit) {
    return { ...judgeByChance(found, limit, chance.high), ...asked };
  }
  const passed = passes === 'above' ? value >= limit : value <= limit;
  const sign = passes === 'above' ? (passed ? '≥' : '<') : passed ? '≤' : '>';
  // Where rounding would make two different numbers read alike, the value is shown in full.
  const shown = renderLimit(value) === renderLimit(limit) ? String(value) : renderLimit(value);
  const message = `${metric} ${shown} ${sign} ${renderLimit(limit)}`;
  return { gate: metric, passed, message, ...asked };
}

/**
 * Compares the interval of the candidate's metric on held-back examples with a limit: only a metric that is shown to miss it
 * fails.
 *
 * @returns null for a metric that held-back examples do not decide
 */
export function judgeShownMetric(
  metric: string,
  limit: number,
  passes: 'above' | 'below',
  { metrics, examples }: HeldBackFacts,
): GateResult | null {
  const found = metrics.find(({ name }) => name === metric);
  if (!found) return null;
  const { value, low, high } = found;
  const shown = `${metric} ${renderMetric(metric, value)}`;
  const asked = {
    ...{ gate: metric, of: metric },
    limit: `not shown ${passes === 'above' ? '<' : '>'} ${renderMetricLimit(metric, limit)}`,
  };
  if (low === null || high === null) {
    const message = `${shown}: cannot tell, ${examples} held-back examples give it no interval`;
    return { ...asked, passed: true, message };
  }
  const missed = passes === 'above' ? high < limit : low > limit;
  const side = passes === 'above' ? 'below' : 'above';
  const interval = `95 % ${renderMetric(metric, low)} to ${renderMetric(metric, high)}`;
  const verdict = `${missed ? '' : 'not '}shown to be ${side} ${renderMetricLimit(metric, limit)}`;
  return { ...asked, passed: !missed, message: `${shown}, ${interval}: ${verdict}` };
}

/** As tables show the metric's values. */
function renderMetricLimit(metric: string, limit: number): string {
  const share = findMetric(metric)?.format === 'share';
  return share ? `${renderLimit(limit * 100)} %` : renderLimit(limit);
}

function judgeByChance({ name, value }: Metric, limit: number, high: number): GateResult {
  const passed = value <= high;
  const found = `${name} ${renderLimit(value)} ${passed ? '≤' : '>'} ${renderLimit(high)}`;
  const message = `${found}, up to which chance alone takes so few examples; the limit is ${renderLimit(limit)}`;
  return { gate: name, passed, message };
}

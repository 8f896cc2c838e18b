import { plural } from '../lib/plural.ts';
import type { HeldBack, MetricInterval } from '../schemas/index.ts';
import { metricLabel, renderMetric } from './metrics/render-metric.ts';

/**
 * What a promotion found on held-back examples, in sentences.
 *
 * @example describeHeldBack(heldBack)
 * // 'On 120 held-back examples: accuracy 93.3 % (95 % 87.4 % to 96.6 %). Against 3f2a9c41d07b: cannot tell. …'
 */
export function describeHeldBack({ examples, looks, metrics, comparison }: HeldBack): string {
  const [first] = metrics;
  const found = first ? `: ${describeMetric(first)}` : '';
  const against = comparison ? ` Against ${comparison.champion}: ${comparison.verdict}.` : '';
  const reuse =
    looks === 1
      ? 'No other model was measured on any of them.'
      : `${looks} models were measured on some of them, this one included: the more there are, the less they say.`;
  return `On ${plural(examples, 'held-back example')}${found}.${against} ${reuse}`;
}

function describeMetric({ name, value, low, high }: MetricInterval): string {
  const interval =
    low === null || high === null
      ? ''
      : ` (95 % ${renderMetric(name, low)} to ${renderMetric(name, high)})`;
  return `${metricLabel(name)} ${renderMetric(name, value)}${interval}`;
}

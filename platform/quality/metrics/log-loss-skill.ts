import { countBy } from '../../lib/count-by.ts';
import { logLoss } from './log-loss.ts';
import type { MetricFacts, QualityMetric } from './metric.ts';
import { classification } from './tasks.ts';

/** How much better the probabilities are than always answering with the shares of the classes. */
export const logLossSkill = {
  name: 'logLossSkill',
  label: 'log loss skill',
  definition:
    '1 − log loss / log loss of the best constant answer, which is the shares of the test’s own labels: 0 or less for any constant, 1 for always being right; also 0 where the test holds one class.',
  better: 'higher',
  format: 'number',
  range: [Number.NEGATIVE_INFINITY, 1],
  tasks: classification,
  needsOutOfDistribution: false,
  primary: false,
  measure: (facts) => {
    const constant = entropyOf(facts);
    return constant === 0 ? 0 : 1 - logLoss.measure(facts) / constant;
  },
  // Which labels came up is the same for both models that are compared.
  parts: (facts) => {
    const constant = entropyOf(facts);
    return logLoss.parts(facts).map((loss) => (constant === 0 ? 0 : 1 - loss / constant));
  },
} as const satisfies QualityMetric;

/** The log loss of answering each example with the shares of the labels: no constant has a lower one. */
function entropyOf({ examples }: MetricFacts): number {
  const counts = Object.values(countBy(examples, ({ label }) => label));
  const shares = counts.map((count) => count / examples.length);
  return shares.reduce((sum, share) => sum - share * Math.log(share), 0);
}

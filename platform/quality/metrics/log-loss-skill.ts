import { countBy } from '../../lib/count-by.ts';
import { logLoss } from './log-loss.ts';
import { mean } from './mean.ts';
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
  parts: (facts) => {
    const constant = entropyOf(facts);
    const losses = logLoss.parts(facts);
    if (constant === 0) return losses.map(() => 0);
    const [loss, surpriseOf] = [mean(losses), surprisesOf(facts)];
    // 1 − loss / constant, plus the slopes of the quotient times each example's distance from the two means.
    return losses.map((one, index) => {
      const surprise = surpriseOf(facts.examples[index]?.label ?? '');
      return 1 - one / constant + (loss * (surprise - constant)) / constant ** 2;
    });
  },
} as const satisfies QualityMetric;

/** The log loss of answering each example with the shares of the labels: no constant has a lower one. */
function entropyOf(facts: MetricFacts): number {
  const surpriseOf = surprisesOf(facts);
  return mean(facts.examples.map(({ label }) => surpriseOf(label)));
}

/** How surprising each label is to who answers with the shares of the labels. */
function surprisesOf({ examples }: MetricFacts): (label: string) => number {
  const counts = countBy(examples, ({ label }) => label);
  const surprises = new Map(
    Object.entries(counts).map(([label, count]) => [label, -Math.log(count / examples.length)]),
  );
  return (label) => surprises.get(label) ?? 0;
}

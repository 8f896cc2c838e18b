import { normal975 } from '../statistics/normal-quantile.ts';
import type { Ends } from '../statistics/score-interval.ts';
import { partsByAnswers, sumOf } from './by-answers.ts';
import { classQuality, confusionOf } from './confusion.ts';
import { mean } from './mean.ts';
import type { AnswersValue, MetricFacts, QualityMetric } from './metric.ts';
import { classification } from './tasks.ts';

/** The mean of the classes' recall: always naming the commonest class reaches no more than chance. */
export const balancedAccuracy = {
  name: 'balancedAccuracy',
  label: 'balanced accuracy',
  definition:
    'Mean recall over the classes that the test holds; always naming one class reaches 1 / classes.',
  better: 'higher',
  format: 'share',
  range: [0, 1],
  tasks: classification,
  needsOutOfDistribution: false,
  primary: false,
  measure: ({ examples, classes }) => {
    const quality = classQuality(confusionOf(examples, classes), classes);
    return mean(quality.filter(({ count }) => count > 0).map(({ recall }) => recall));
  },
  parts: (facts) => partsByAnswers(facts, byAnswers),
  interval: intervalOf,
  byAnswers,
} as const satisfies QualityMetric;

/**
 * The interval of R. Price and D. Bonett (Computational Statistics and Data Analysis 45, 2004): normal, with two right and two wrong
 * answers added, split over the classes, so that a class of three examples has a spread. The recall of a class that the test does
 * not hold may be anything.
 */
function intervalOf({ examples, classes }: MetricFacts): Ends | null {
  const rows = confusionOf(examples, classes).map((row, at) => ({
    hits: row[at] ?? 0,
    count: sumOf(row),
  }));
  const held = rows.filter(({ count }) => count > 0);
  if (held.length === 0) return null;
  const added = 2 / held.length;
  const shares = held.map(({ hits, count }) => {
    const [all, share] = [count + 2 * added, (hits + added) / (count + 2 * added)];
    return { share, variance: (share * (1 - share)) / all };
  });
  const value = mean(held.map(({ hits, count }) => hits / count));
  const middle = mean(shares.map(({ share }) => share));
  const half = (normal975 * Math.sqrt(sumOf(shares.map((one) => one.variance)))) / held.length;
  const unknown = Math.sqrt(rows.length - held.length) / rows.length;
  return {
    low: Math.max(0, Math.min(value, middle - Math.hypot(half, unknown * middle))),
    high: Math.min(1, Math.max(value, middle + Math.hypot(half, unknown * (1 - middle)))),
  };
}

/** An example counts in the recall of its class alone, the more the fewer there are of it. */
function byAnswers(confusion: readonly (readonly number[])[]): AnswersValue {
  const counts = confusion.map(sumOf);
  const classes = counts.filter((count) => count > 0).length;
  const all = sumOf(counts);
  const recalls = confusion.map((row, truth) => (row[truth] ?? 0) / (counts[truth] || 1));
  return {
    value: classes === 0 ? 0 : sumOf(recalls) / classes,
    influence: confusion.map((row, truth) => {
      const weight = all / (counts[truth] || Number.POSITIVE_INFINITY) / classes;
      return row.map((_, predicted) => {
        return ((predicted === truth ? 1 : 0) - (recalls[truth] ?? 0)) * weight;
      });
    }),
  };
}

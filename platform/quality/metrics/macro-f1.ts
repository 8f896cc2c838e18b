import { meanInterval, togetherness } from '../statistics/mean-interval.ts';
import { normal975 } from '../statistics/normal-quantile.ts';
import { type Ends, scoreInterval } from '../statistics/score-interval.ts';
import { partsByAnswers, sumOf } from './by-answers.ts';
import { classQuality, confusionOf } from './confusion.ts';
import { mean } from './mean.ts';
import type { AnswersValue, MetricFacts, QualityMetric } from './metric.ts';
import { classification } from './tasks.ts';

/** The mean of the classes' F1, so that a rare class counts as much as a common one. */
export const macroF1 = {
  name: 'macroF1',
  label: 'macro-F1',
  definition:
    'Mean over the classes of F1 = 2 · hits / (claimed + present); a rare class counts like a common one.',
  better: 'higher',
  format: 'share',
  range: [0, 1],
  tasks: classification,
  needsOutOfDistribution: false,
  primary: false,
  measure: ({ examples, classes }) =>
    mean(classQuality(confusionOf(examples, classes), classes).map(({ f1 }) => f1)),
  parts: (facts) => partsByAnswers(facts, byAnswers),
  interval: intervalOf,
  byAnswers,
} as const satisfies QualityMetric;

/**
 * Of the examples that are of a class or named so a share are hits, and F1 = 2 · share / (1 + share) rises with it: the score
 * interval of the share becomes that of F1.
 */
function intervalOf({ examples, classes }: MetricFacts): Ends | null {
  if (examples.length === 0) return null;
  const confusion = confusionOf(examples, classes);
  const f1Of = (share: number) => (2 * share) / (1 + share);
  const estimates = classQuality(confusion, classes).map(({ f1, count }, at) => {
    const hits = confusion[at]?.[at] ?? 0;
    const claimed = sumOf(confusion.map((row) => row[at] ?? 0));
    const { low, high } = scoreInterval(hits, count + claimed - hits, normal975);
    return { value: f1, low: f1Of(low), high: f1Of(high) };
  });
  return meanInterval(estimates, togetherness(influencesOf(confusion)));
}

/** How far each kind of answer, by its count, moves the F1 of each class: one array a class, over the cells of the table. */
function influencesOf(confusion: readonly (readonly number[])[]): number[][] {
  const slopes = slopesOf(confusion);
  return slopes.map(({ hit, present }, at) =>
    confusion.flatMap((row, truth) =>
      row.map((count, predicted) => {
        const [is, named] = [Number(truth === at), Number(predicted === at)];
        return Math.sqrt(count) * (hit * is * named + present * (is + named));
      }),
    ),
  );
}

/** F1 = 2h / q of a class: h its share of hits, q that of claimed plus present examples, which every answer is twice. */
function byAnswers(confusion: readonly (readonly number[])[]): AnswersValue {
  const classes = confusion.length;
  const slopes = slopesOf(confusion);
  return {
    value: mean(slopes.map(({ f1 }) => f1)),
    influence: slopes.map(({ hit, present }, truth) =>
      slopes.map((other, predicted) => {
        return ((predicted === truth ? hit : 0) + present + other.present) / classes;
      }),
    ),
  };
}

/** F1 of each class, with what an answer adds to it that is a hit, and what one adds that is of the class or names it. */
function slopesOf(confusion: readonly (readonly number[])[]) {
  const all = sumOf(confusion.map(sumOf));
  return confusion.map((row, index) => {
    const claimed = sumOf(confusion.map((other) => other[index] ?? 0));
    const q = (sumOf(row) + claimed) / all;
    if (!(q > 0)) return { f1: 0, hit: 0, present: 0 };
    const f1 = (2 * (row[index] ?? 0)) / all / q;
    return { f1, hit: 2 / q, present: -f1 / q };
  });
}

import { partsByAnswers, sumOf } from './by-answers.ts';
import { classQuality, confusionOf } from './confusion.ts';
import { mean } from './mean.ts';
import type { AnswersValue, QualityMetric } from './metric.ts';
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
  byAnswers,
} as const satisfies QualityMetric;

/** F1 = 2h / q of a class: h its share of hits, q that of claimed plus present examples, which every answer is twice. */
function byAnswers(confusion: readonly (readonly number[])[]): AnswersValue {
  const classes = confusion.length;
  const all = sumOf(confusion.map(sumOf));
  const slopes = confusion.map((row, index) => {
    const claimed = sumOf(confusion.map((other) => other[index] ?? 0));
    const q = (sumOf(row) + claimed) / all;
    if (!(q > 0)) return { f1: 0, hit: 0, present: 0 };
    const f1 = (2 * (row[index] ?? 0)) / all / q;
    return { f1, hit: 2 / q, present: -f1 / q };
  });
  return {
    value: mean(slopes.map(({ f1 }) => f1)),
    influence: slopes.map(({ hit, present }, truth) =>
      slopes.map((other, predicted) => {
        return ((predicted === truth ? hit : 0) + present + other.present) / classes;
      }),
    ),
  };
}

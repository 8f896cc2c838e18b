import { partsByAnswers, sumOf } from './by-answers.ts';
import { classQuality, confusionOf } from './confusion.ts';
import { mean } from './mean.ts';
import type { AnswersValue, QualityMetric } from './metric.ts';
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
  byAnswers,
} as const satisfies QualityMetric;

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

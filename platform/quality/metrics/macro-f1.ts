import { classQuality, confusionOf } from './confusion.ts';
import { mean } from './mean.ts';
import type { QualityMetric } from './metric.ts';
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
  parts: ({ examples, classes }) => {
    const shares = classQuality(confusionOf(examples, classes), classes);
    const names = new Map(classes.map((name, index) => [name, index]));
    const total = mean(shares.map(({ f1 }) => f1));
    // F1 = 2h / q of a class: h its share of hits, q of claimed plus present examples.
    const slopes = shares.map(({ f1, recall, precision, count }) => {
      const claimed = precision === 0 ? 0 : (recall * count) / precision;
      const q = (claimed + count) / Math.max(1, examples.length);
      return q === 0 ? { hit: 0, present: 0 } : { hit: 2 / q, present: -f1 / q };
    });
    return examples.map(({ label, predicted }) => {
      const [truth, answer] = [names.get(label), names.get(predicted)];
      let influence = truth !== undefined && truth === answer ? (slopes[truth]?.hit ?? 0) : 0;
      for (const index of [truth, answer]) influence += slopes[index ?? -1]?.present ?? 0;
      return total + influence / classes.length;
    });
  },
} as const satisfies QualityMetric;

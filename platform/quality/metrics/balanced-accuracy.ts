import { classQuality, confusionOf } from './confusion.ts';
import { mean } from './mean.ts';
import type { QualityMetric } from './metric.ts';
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
  parts: ({ examples, classes }) => {
    const present = classQuality(confusionOf(examples, classes), classes).filter(
      ({ count }) => count > 0,
    );
    const total = mean(present.map(({ recall }) => recall));
    const byName = new Map(present.map((quality) => [quality.class, quality]));
    return examples.map(({ label, predicted }) => {
      const quality = byName.get(label);
      if (!quality) return total;
      const away = (label === predicted ? 1 : 0) - quality.recall;
      return total + (away * examples.length) / quality.count / present.length;
    });
  },
} as const satisfies QualityMetric;

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
} as const satisfies QualityMetric;

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
} as const satisfies QualityMetric;

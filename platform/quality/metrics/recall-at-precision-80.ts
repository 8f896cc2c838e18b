import type { QualityMetric } from './metric.ts';
import { recallAt } from './recall-at.ts';
import { classification } from './tasks.ts';

/** How much of a rare class is found if at least 80 % of what is named so are to be of it. */
export const recallAtPrecision80 = {
  name: 'recallAtPrecision80',
  label: 'recall at 80 % precision',
  definition:
    'Greatest share of a class that a threshold on its probability finds where at least 80 % of what it names are of the class, 0 where none does; of two classes that of the rarer one, of more the mean over them. One example may change much, so its intervals are wide.',
  better: 'higher',
  format: 'share',
  range: [0, 1],
  tasks: classification,
  needsOutOfDistribution: false,
  primary: false,
  ...recallAt(0.8),
} as const satisfies QualityMetric;

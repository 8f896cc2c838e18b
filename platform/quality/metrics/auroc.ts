import { areaUnderRoc } from '../../lib/area-under-roc.ts';
import type { QualityMetric } from './metric.ts';
import { measureOneVersusRest } from './one-versus-rest.ts';
import { classification } from './tasks.ts';

/** How well probabilities rank the examples of a class above the others, whatever threshold is taken. */
export const auroc = {
  name: 'auroc',
  label: 'AUROC',
  definition:
    'How likely an example of a class gets a higher probability of it than one of another class, ties counting half; of more than two classes the mean over them.',
  better: 'higher',
  format: 'share',
  range: [0, 1],
  tasks: classification,
  needsOutOfDistribution: false,
  primary: false,
  measure: (facts) =>
    measureOneVersusRest(
      facts,
      ({ positives, negatives }) => areaUnderRoc(positives, negatives) ?? 0,
    ),
} as const satisfies QualityMetric;

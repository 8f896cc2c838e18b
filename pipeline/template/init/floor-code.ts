import type { LabelScale } from '../../../platform/schemas/index.ts';
import { comment, quote } from './code.ts';
import { isUnequal } from './plan.ts';

/** Above 0, which no constant answer exceeds, and below what any network reaches that learnt something. */
const leastSkill = 0.02;

/** The floor under a classifier, as lines of project.ts. @param counts examples of each class */
export function classificationFloorCode(counts: readonly number[]): string {
  return [
    comment(
      4,
      'A floor: 0 is what always answering with the shares of the classes reaches, 1 is being sure and right.',
      'Raise it to what your models reach.',
      ...(isUnequal(counts) ? rareClasses : []),
    ),
    `    { metric: 'logLossSkill', atLeast: ${leastSkill} },`,
  ].join('\n');
}

const rareClasses = [
  "Of rare classes averagePrecision and recallAtPrecision80 say more than accuracy; classWeights 'balanced' has training weigh them more.",
];

/**
 * The floor under a regression, as lines of project.ts.
 *
 * @param scale how the label is learnt: medians, which a logarithm gives, may have an R² below that of the mean
 */
export function regressionFloorCode(scale: LabelScale | undefined): string {
  const [metric, constant] = scale ? ['maeSkill', 'median'] : ['r2', 'mean'];
  return [
    comment(
      4,
      `A floor: ${metric} is 0 for always predicting the ${constant} and 1 for always being right.`,
      'Raise it to what your models reach.',
    ),
    `    { metric: ${quote(metric ?? '')}, atLeast: ${leastSkill} },`,
  ].join('\n');
}

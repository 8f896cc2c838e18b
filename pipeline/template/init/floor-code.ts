import { comment } from './code.ts';
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

/** The floor under a regression, as lines of project.ts. */
export const regressionFloorCode = [
  comment(
    4,
    'A floor: r2 is 0 for always predicting the mean and 1 for always being right.',
    'Raise it to what your models reach.',
  ),
  `    { metric: 'r2', atLeast: ${leastSkill} },`,
].join('\n');

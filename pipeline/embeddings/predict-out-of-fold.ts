import { digestBytes, hexOf } from '../../platform/lib/hash.ts';
import { learntPoints } from './learnt-points.ts';
import { fitSoftmaxRegression, predictInto } from './softmax-regression.ts';
import { countPoints, type Space } from './space.ts';

/** Into how many parts the examples are dealt. */
const folds = 5;

/** What is predicted. */
export interface FoldedLabels {
  /** The class of each point, from 0. */
  readonly labels: ArrayLike<number>;
  readonly classes: number;
  /** What each point belongs to: those with the same name are never on both sides. */
  readonly groups: readonly string[];
}

/**
 * The probability of each class for each point, by logistic regression on the other four fifths of them (five-fold
 * cross-validation): nobody is asked for a label that it has learnt.
 *
 * @returns point after point, the probabilities of its classes
 */
export function predictOutOfFold(
  space: Space,
  { labels, classes, groups }: FoldedLabels,
): Float64Array {
  const scaled = learntPoints(space);
  const dealt = groups.map(foldOf);
  const all = new Float64Array(countPoints(space) * classes);
  const rows = [...dealt.keys()];
  for (let fold = 0; fold < folds; fold++) {
    const seed = `out of fold ${fold}`;
    const learnt = rows.filter((row) => dealt[row] !== fold);
    const model = fitSoftmaxRegression(scaled, { rows: learnt, labels, classes, seed });
    for (const row of rows.filter((one) => dealt[one] === fold)) {
      const shares = all.subarray(row * classes, (row + 1) * classes);
      predictInto(shares, model, scaled.points, row * scaled.width);
    }
  }
  return all;
}

function foldOf(group: string): number {
  return Number.parseInt(hexOf(digestBytes(group)).slice(0, 8), 16) % folds;
}

import { digestBytes, hexOf } from '../../platform/lib/hash.ts';
import { createRandom } from '../../platform/lib/random.ts';
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
  const scaled = standardise(sketch(space));
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

/** Wider points are folded onto so many axes. */
const mostAxes = 512;

/** How wide the points are that the regression sees. */
export function learntWidth(width: number): number {
  return Math.min(width, mostAxes);
}

/**
 * Folds wide points onto fewer axes: each old axis is added to or taken from one new axis, drawn at random, which keeps
 * distances on average (count sketch, Charikar, Chen and Farach-Colton, 2002).
 */
function sketch(space: Space): Space {
  const { width, points } = space;
  if (width <= mostAxes) return space;
  const random = createRandom('sketch');
  const axes = Int32Array.from({ length: width }, () => random.int(mostAxes));
  const signs = Int8Array.from({ length: width }, () => (random.int(2) === 0 ? -1 : 1));
  const count = countPoints(space);
  const folded = new Float32Array(count * mostAxes);
  for (let row = 0; row < count; row++) {
    for (let axis = 0; axis < width; axis++) {
      const to = row * mostAxes + (axes[axis] ?? 0);
      const value = points[row * width + axis] ?? 0;
      folded[to] = (folded[to] ?? 0) + (signs[axis] ?? 1) * value;
    }
  }
  return { ...space, width: mostAxes, points: folded };
}

/**
 * Moves the mean to the origin and gives every axis the same spread, which needs no labels, so that a point is about one step
 * long. An axis without any spread becomes 0.
 */
function standardise(space: Space): Space {
  const { width, points } = space;
  const count = countPoints(space);
  const scaled = new Float32Array(points.length);
  for (let axis = 0; axis < width; axis++) {
    let [sum, squares] = [0, 0];
    for (let at = axis; at < points.length; at += width) sum += points[at] ?? 0;
    const mean = sum / count;
    for (let at = axis; at < points.length; at += width) squares += ((points[at] ?? 0) - mean) ** 2;
    const spread = Math.sqrt((squares / count) * width);
    if (!(spread > 1e-9)) continue;
    for (let at = axis; at < points.length; at += width) {
      scaled[at] = ((points[at] ?? 0) - mean) / spread;
    }
  }
  return { ...space, points: scaled };
}

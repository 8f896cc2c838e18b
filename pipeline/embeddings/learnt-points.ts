import { createRandom } from '../../platform/lib/random.ts';
import { countPoints, type Space } from './space.ts';

/** Wider points are folded onto so many axes. */
const mostAxes = 512;

/** More points are not learnt from, nor more numbers times classes: some seconds of work. */
const [mostPoints, mostNumbers] = [20_000, 24_000_000];

/** From how many points a linear model learns at most. @param width of the points */
export function mostLearnt(width: number, classes: number): number {
  return Math.min(mostPoints, Math.floor(mostNumbers / (Math.min(width, mostAxes) * classes)));
}

/** Points as a linear model learns from them: not too wide, every axis with the same spread. */
export function learntPoints(space: Space): Space {
  return standardise(sketch(space));
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

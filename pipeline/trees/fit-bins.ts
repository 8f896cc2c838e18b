import { evenly } from '../../platform/lib/evenly.ts';

/** A column that trees split by. */
export interface TreeColumn {
  readonly name: string;
  /** How many categories it has, coded 0 to n − 1, at most {@link mostBins}; null for a column of numbers. */
  readonly categories: number | null;
}

/** How the values of a column fall into at most 255 bins; the bin `count` holds the missing ones. */
export interface Bins {
  readonly count: number;
  /** Of numbers: bin i holds what is at most edges[i], the last bin the rest. Null for categories: the code is the bin. */
  readonly edges: Float32Array | null;
}

/** The largest number of bins of a column: with the one for missing values they fit into a byte. */
export const mostBins = 255;

/** From so many values on, quantiles of a sample are as good as those of all. */
const sampleRows = 200_000;

/**
 * Fits the bins of a column to its training values: one bin per distinct value if there are few, else bins of equally many
 * values.
 *
 * @param values NaN is missing @param most bins at most, 2 to 255
 * @example fitBins(Float32Array.of(1, 2, 2, 4), { name: 'x', categories: null }, 255).edges // [1.5, 3]
 */
export function fitBins(values: Float32Array, { categories }: TreeColumn, most: number): Bins {
  if (categories !== null) return { count: categories, edges: null };
  const present = Array.from(values.filter((value) => !Number.isNaN(value)));
  const sample = Float32Array.from(evenly(present, sampleRows)).sort();
  const distinct = sample.filter((value, index) => index === 0 || value !== sample[index - 1]);
  const edges = distinct.length <= most ? middles(distinct) : quantiles(sample, most);
  return { count: edges.length + 1, edges };
}

/**
 * Writes the bin of each value.
 *
 * @param target as long as `values`
 */
export function binValues(values: Float32Array, { count, edges }: Bins, target: Uint8Array): void {
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? Number.NaN;
    if (Number.isNaN(value)) target[row] = count;
    else target[row] = edges ? binOf(value, edges) : value;
  }
}

/** The first bin whose edge is not below the value. */
function binOf(value: number, edges: Float32Array): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= (edges[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function middles(sorted: Float32Array): Float32Array {
  const edges = new Float32Array(Math.max(0, sorted.length - 1));
  for (let index = 0; index < edges.length; index++) {
    edges[index] = between(sorted[index] ?? 0, sorted[index + 1] ?? 0);
  }
  return edges;
}

function quantiles(sorted: Float32Array, bins: number): Float32Array {
  const edges = Array.from({ length: bins - 1 }, (_, index) => {
    const below = ((index + 1) * sorted.length) / bins;
    return between(sorted[Math.ceil(below) - 1] ?? 0, sorted[Math.floor(below)] ?? 0);
  });
  return Float32Array.from(new Set(edges));
}

/**
 * The largest float32 that is not above the middle, so that any float32 falls on the side where the exact middle puts it. Values
 * with few decimals often lie in the middle of two others: the nearest float32 would send nearly all of those to the left.
 */
function between(low: number, high: number): number {
  const middle = low / 2 + high / 2;
  const nearest = Math.fround(middle);
  return nearest > middle ? nextBelow(nearest) : nearest;
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The float32 before another one, which is not zero. */
function nextBelow(value: number): number {
  float[0] = value;
  bits[0] = (bits[0] ?? 0) + (value > 0 ? -1 : 1);
  return float[0];
}

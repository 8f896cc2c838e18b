import { canonicalJson } from '../../platform/lib/canonical-json.ts';
import type { Random } from '../../platform/lib/random.ts';
import { type Dimension, positionOf, valueAt } from './dimension.ts';

/** A trial whose result is known. */
export interface Observation {
  /** By the keys of the dimensions. */
  readonly values: Readonly<Record<string, unknown>>;
  /** What is to be lowered; infinite for a trial that failed. */
  readonly loss: number;
}

/** The share of the trials that counts as good, as in the paper; at least one does. */
const goodShare = 0.15;
/** How many positions are drawn from the good ones before the most promising is taken. */
const draws = 24;

/**
 * Proposes where to look next, by a tree-structured Parzen estimator: one density of the positions of good trials and one
 * of the others, each parameter by itself; of positions drawn from the first, the one that is likeliest under the first
 * compared with the second (J. Bergstra, R. Bardenet, Y. Bengio, B. Kégl, "Algorithms for Hyper-Parameter Optimization",
 * NIPS 2011, section 4). Nothing but its arguments decides the answer.
 *
 * @returns a position from 0 to 1 for each dimension
 */
export function proposeByTpe(
  dimensions: readonly Dimension[],
  observations: readonly Observation[],
  random: Random,
): number[] {
  const ranked = observations
    .map((one, index) => ({ ...one, index }))
    .sort((a, b) => a.loss - b.loss || a.index - b.index);
  const good = ranked.slice(0, Math.max(1, Math.ceil(goodShare * ranked.length)));
  const others = ranked.slice(good.length);
  return dimensions.map((dimension) => {
    const [below, above] = [good, others].map((some) => densityOf(dimension, some));
    if (!below || !above) return random.next();
    const drawn = Array.from({ length: draws }, () => below.draw(random));
    const promise = (position: number) => below.at(position) / above.at(position);
    return drawn.reduce((best, other) => (promise(other) > promise(best) ? other : best));
  });
}

interface Density {
  at(position: number): number;
  draw(random: Random): number;
}

function densityOf(dimension: Dimension, observations: readonly Observation[]): Density {
  const { key } = dimension;
  const values = observations.map((one) => one.values[key]);
  return dimension.kind === 'values'
    ? countDensity(dimension, values)
    : parzenDensity(values.flatMap((value) => positionOf(dimension, value) ?? []));
}

/** Of a list: how often each value was there, and once more. */
function countDensity(
  dimension: Extract<Dimension, { kind: 'values' }>,
  values: readonly unknown[],
): Density {
  const seen = values.map(canonicalJson);
  const weights = dimension.values.map((value) => {
    const own = canonicalJson(value);
    return 1 + seen.filter((other) => other === own).length;
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const count = weights.length;
  return {
    at: (position) => weights[Math.min(count - 1, Math.floor(position * count))] ?? 1,
    draw: (random) => (pick(weights, random.next() * total) + random.next()) / count,
  };
}

/** The place of the weight within whose share a number lies. */
function pick(weights: readonly number[], at: number): number {
  let left = at;
  for (const [place, weight] of weights.entries()) {
    if (left < weight) return place;
    left -= weight;
  }
  return weights.length - 1;
}

/**
 * Of a range: a mixture of normal densities around what was tried, cut off at the ends, and of one as wide as the range in
 * its middle, so that nowhere is given up. Each is as wide as the way to its further neighbour.
 */
function parzenDensity(positions: readonly number[]): Density {
  const middles = [...positions, 0.5].sort((a, b) => a - b);
  const narrowest = 1 / Math.min(100, middles.length + 1);
  const prior = middles.indexOf(0.5);
  const widths = middles.map((middle, place) => {
    if (place === prior) return 1;
    const left = middle - (middles[place - 1] ?? middle);
    const right = (middles[place + 1] ?? middle) - middle;
    return Math.min(1, Math.max(narrowest, left, right));
  });
  return {
    at(position) {
      const parts = middles.map((middle, place) => {
        const width = widths[place] ?? 1;
        const inside = normalShare((1 - middle) / width) - normalShare(-middle / width);
        return Math.exp(-0.5 * ((position - middle) / width) ** 2) / (width * inside);
      });
      return parts.reduce((sum, part) => sum + part, 0);
    },
    draw(random) {
      const place = random.int(middles.length);
      const [middle = 0.5, width = 1] = [middles[place], widths[place]];
      for (;;) {
        const position = middle + width * random.normal();
        if (position >= 0 && position <= 1) return position;
      }
    },
  };
}

/** The standard normal distribution function, by the logistic approximation of S. R. Bowling et al. (2009). */
function normalShare(z: number): number {
  return 1 / (1 + Math.exp(-(0.07056 * z ** 3 + 1.5976 * z)));
}

/** The values at positions, by the keys of the dimensions. */
export function valuesAt(
  dimensions: readonly Dimension[],
  positions: readonly number[],
): Record<string, unknown> {
  return Object.fromEntries(
    dimensions.map((dimension, place) => [
      dimension.key,
      valueAt(dimension, positions[place] ?? 0.5),
    ]),
  );
}

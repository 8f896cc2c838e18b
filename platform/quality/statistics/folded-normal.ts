import { normalTail } from './normal-tail.ts';

/** The first moment of a distribution and its second and third around that. */
export interface Moments {
  readonly mean: number;
  readonly variance: number;
  readonly cube: number;
}

/**
 * The moments of the size |X| of a normal number (F. C. Leone, L. S. Nelson and R. B. Nottingham, The Folded Normal Distribution,
 * Technometrics 3, 1961): what chance makes of it is never negative, so the mean lies above |mean of X|.
 *
 * @param center the mean of X @param deviation its standard deviation, at least 0
 * @example foldedNormal(0, 1).mean // 0.7978…
 */
export function foldedNormal(center: number, deviation: number): Moments {
  if (!(deviation > 0)) return { mean: Math.abs(center), variance: 0, cube: 0 };
  const at = Math.abs(center) / deviation;
  const density = Math.exp((-at * at) / 2) / Math.sqrt(2 * Math.PI);
  const inside = 1 - normalTail(at);
  const mean = 2 * density + at * inside;
  const square = at * at + 1;
  const third = 2 * density * (at * at + 2) + (at ** 3 + 3 * at) * inside;
  return {
    mean: deviation * mean,
    variance: deviation ** 2 * Math.max(0, square - mean * mean),
    cube: deviation ** 3 * (third - 3 * mean * square + 2 * mean ** 3),
  };
}

import { incompleteBeta } from './incomplete-beta.ts';

/**
 * How likely Student's t is above a value.
 *
 * @param freedom degrees of freedom, above 0
 * @example studentTail(2.228138851964939, 10) // 0.025
 */
export function studentTail(t: number, freedom: number): number {
  const square = t * t;
  const [a, b] = [freedom / 2, 0.5];
  // Of the two ways to write it the one that does not lose a small t to rounding.
  const outside =
    square < 1
      ? 1 - incompleteBeta(square / (freedom + square), b, a)
      : incompleteBeta(freedom / (freedom + square), a, b);
  return t < 0 ? 1 - outside / 2 : outside / 2;
}

/**
 * The value above which Student's t is with a probability.
 *
 * @param tail in (0, 0.5] @example studentQuantile(0.025, 10) // 2.228…
 */
export function studentQuantile(tail: number, freedom: number): number {
  let [low, high] = [0, 1];
  while (studentTail(high, freedom) > tail) high *= 2;
  for (let step = 0; step < 100 && high - low > 1e-12 * high; step++) {
    const middle = (low + high) / 2;
    if (studentTail(middle, freedom) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

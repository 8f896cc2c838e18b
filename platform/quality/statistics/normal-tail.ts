/**
 * The two-sided tail of the normal distribution: how likely a draw at least this far from 0 is.
 *
 * Chebyshev fit of the complementary error function, relative error below 1.2e-7 (Press et al., Numerical Recipes, §6.2).
 *
 * @example normalTail(1.959963984540054) // 0.05
 */
export function normalTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + x / 2);
  const sum = coefficients.reduceRight((total, coefficient) => coefficient + t * total, 0);
  return Math.min(1, t * Math.exp(-x * x + sum));
}

const coefficients = [
  ...[-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806],
  ...[0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277],
];

/**
 * Exact two-sided McNemar test on paired answers: if both models are equally good, each example that only
 * one answers right is the toss of a fair coin. p = min(1, 2 · P(X ≤ min(fixed, broken))), X ~ Binomial(n, ½)
 * (McNemar, Psychometrika 12, 1947; exact form: Dietterich, Neural Computation 10, 1998). At least 6
 * one-sided flips are needed for p < 0.05.
 *
 * @param fixed how many examples only the candidate answers right
 * @param broken how many examples only the champion answers right
 * @returns the p-value, in (0, 1]
 * @example mcnemar(6, 0) // 0.03125…
 * @example mcnemar(5, 0) // 0.0625
 */
export function mcnemar(fixed: number, broken: number): number {
  const flips = fixed + broken;
  const fewer = Math.min(fixed, broken);
  let term = -flips * Math.LN2;
  let tail = 0;
  for (let hits = 0; hits <= fewer; hits++) {
    tail += Math.exp(term);
    term += Math.log((flips - hits) / (hits + 1));
  }
  return Math.min(1, 2 * tail);
}

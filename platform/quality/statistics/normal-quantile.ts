/**
 * The quantile of the normal distribution, to about 1e-16 relative (M. J. Wichura, Algorithm AS 241, Applied Statistics
 * 37, 1988).
 *
 * @param probability in (0, 1); at the ends −∞ and ∞
 * @example normalQuantile(0.975) // 1.959963984540054
 */
export function normalQuantile(probability: number): number {
  const away = probability - 0.5;
  if (Math.abs(away) <= 0.425) {
    const rest = 0.180625 - away * away;
    return (away * polynomial(middle.above, rest)) / polynomial(middle.below, rest);
  }
  const end = Math.min(probability, 1 - probability);
  if (end <= 0) return away < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const root = Math.sqrt(-Math.log(end));
  const [{ above, below }, from] = root <= 5 ? [normalTailRatio, 1.6] : [farTail, 5];
  return (Math.sign(away) * polynomial(above, root - from)) / polynomial(below, root - from);
}

/** Σ coefficient · xⁱ, the constant first. */
function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);
}

const middle = {
  above: [
    ...[3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.693765509461],
    ...[45921.95393154987, 67265.7709270087, 33430.57558358813, 2509.0809287301227],
  ],
  below: [
    ...[1, 42.31333070160091, 687.1870074920579, 5394.196021424751],
    ...[21213.794301586597, 39307.89580009271, 28729.085735721943, 5226.495278852854],
  ],
};
/**
 * Coefficients, the constant first, of the quotient that is the quantile where the tail's probability p is between 1e-11
 * and 0.075, as a function of √(−ln p) − 1.6. Exported so that PromQL can compute the same.
 */
export const normalTailRatio = {
  above: [
    ...[1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045],
    ...[1.2704582524523684, 0.2417807251774506, 0.022723844989269184, 7.745450142783414e-4],
  ],
  below: [
    ...[1, 2.053191626637759, 1.6763848301838038, 0.6897673349851],
    ...[0.14810397642748008, 0.015198666563616457, 5.475938084995345e-4, 1.0507500716444169e-9],
  ],
};
const farTail = {
  above: [
    ...[6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487],
    ...[0.026532189526576124, 0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7],
  ],
  below: [
    ...[1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615],
    ...[7.868691311456133e-4, 1.8463183175100548e-5, 1.421511758316446e-7, 2.0442631033899397e-15],
  ],
};

/** 95 % of the normal distribution lies within ± this. It stands last: what it is computed from must be there. */
export const normal975 = normalQuantile(0.975);

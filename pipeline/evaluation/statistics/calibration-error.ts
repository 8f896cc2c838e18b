/** What a model claimed for its answer, and whether the answer was right. */
export interface Claim {
  /** Probability of the predicted class, 0..1. */
  readonly confidence: number;
  readonly right: boolean;
}

const bins = 10;

/**
 * Expected calibration error: the mean gap between confidence and accuracy over ten bins of equal width,
 * weighted by their counts (Naeini et al., AAAI 2015; Guo et al., ICML 2017). 0 is perfect, and also the
 * value without claims.
 */
export function calibrationError(claims: readonly Claim[]): number {
  let total = 0;
  for (let bin = 0; bin < bins; bin++) {
    const inside = claims.filter((claim) => binOf(claim.confidence) === bin);
    const gap = inside.reduce(
      (sum, { confidence, right }) => sum + (right ? 1 : 0) - confidence,
      0,
    );
    total += Math.abs(gap);
  }
  return claims.length === 0 ? 0 : total / claims.length;
}

function binOf(confidence: number): number {
  return Math.min(bins - 1, Math.max(0, Math.floor(confidence * bins)));
}

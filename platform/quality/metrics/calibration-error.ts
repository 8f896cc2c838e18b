import type { QualityMetric, TestExample } from './metric.ts';
import { classification } from './tasks.ts';

const bins = 10;

/** Expected calibration error: how far confidence and accuracy lie apart. */
export const calibrationError = {
  name: 'calibrationError',
  label: 'calibration error',
  definition: `Mean gap between confidence and accuracy over ${bins} bins of equal width, weighted by their counts (ECE; Naeini et al., 2015).`,
  better: 'lower',
  format: 'share',
  range: [0, 1],
  tasks: classification,
  needsOutOfDistribution: false,
  primary: false,
  measure: ({ examples }) => expectedCalibrationError(examples.map(claimOf)),
} as const satisfies QualityMetric;

/** What a model claimed for its answer, and whether the answer was right. */
interface Claim {
  /** Probability of the predicted class, 0..1. */
  readonly confidence: number;
  readonly right: boolean;
}

function claimOf({ label, predicted, probabilities }: TestExample): Claim {
  return { confidence: Math.max(...probabilities), right: label === predicted };
}

/** Naeini et al., AAAI 2015; Guo et al., ICML 2017. @returns 0 without claims */
function expectedCalibrationError(claims: readonly Claim[]): number {
  let total = 0;
  for (let bin = 0; bin < bins; bin++) {
    const inside = claims.filter((claim) => binOfConfidence(claim.confidence) === bin);
    const gap = inside.reduce(
      (sum, { confidence, right }) => sum + (right ? 1 : 0) - confidence,
      0,
    );
    total += Math.abs(gap);
  }
  return claims.length === 0 ? 0 : total / claims.length;
}

function binOfConfidence(confidence: number): number {
  return Math.min(bins - 1, Math.max(0, Math.floor(confidence * bins)));
}

import { createRandom } from '../../lib/random.ts';
import { fewestForMeans } from '../statistics/fewest-for-means.ts';
import {
  type Binned,
  binOfConfidence,
  type Claim,
  gapDifference,
  gapInterval,
} from '../statistics/gap-interval.ts';
import { mean } from './mean.ts';
import type { MetricFacts, QualityMetric } from './metric.ts';
import { classification } from './tasks.ts';

const bins = 10;

/** Expected calibration error: how far confidence and accuracy lie apart. */
export const calibrationError = {
  name: 'calibrationError',
  label: 'calibration error',
  definition: `Mean gap between confidence and accuracy over ${bins} bins of equal width, weighted by their counts (ECE; Naeini et al., 2015). Few examples have some by chance; its interval is of the error without it and may end below the value.`,
  better: 'lower',
  format: 'share',
  range: [0, 1],
  tasks: classification,
  needsOutOfDistribution: false,
  primary: false,
  measure: (facts) => expectedCalibrationError(claimsOf(facts)),
  // Where a bin's gap changes its sign there is no slope; elsewhere each example counts by its own gap.
  parts: (facts) => partsOf(claimsOf(facts)),
  interval: (facts) =>
    facts.examples.length < fewestForMeans ? null : gapInterval(binnedOf(facts)),
  difference: (ours, theirs) => gapDifference(binnedOf(ours), binnedOf(theirs)),
  chance: (facts) => chanceOf(claimsOf(facts).map(({ confidence }) => confidence)),
} as const satisfies QualityMetric;

function claimsOf({ examples, classes }: MetricFacts): Claim[] {
  const places = new Map(classes.map((name, index) => [name, index]));
  return examples.map(({ label, predicted, probabilities }) => ({
    confidence: probabilities[places.get(predicted) ?? -1] ?? Math.max(...probabilities),
    right: label === predicted,
  }));
}

function binnedOf(facts: MetricFacts): Binned {
  return { claims: claimsOf(facts), bins };
}

/** Naeini et al., AAAI 2015; Guo et al., ICML 2017. @returns 0 without claims */
function expectedCalibrationError(claims: readonly Claim[]): number {
  return sizeOf(gapsOf(claims)) / Math.max(1, claims.length);
}

function partsOf(claims: readonly Claim[]): number[] {
  const signs = gapsOf(claims).map(Math.sign);
  return claims.map(
    ({ confidence, right }) =>
      (signs[binOfConfidence(confidence, bins)] ?? 0) * ((right ? 1 : 0) - confidence),
  );
}

/** By how much the answers of each bin were right more often than claimed, summed. */
function gapsOf(claims: readonly Claim[]): Float64Array {
  const gaps = new Float64Array(bins);
  for (const { confidence, right } of claims) {
    const bin = binOfConfidence(confidence, bins);
    gaps[bin] = (gaps[bin] ?? 0) + (right ? 1 : 0) - confidence;
  }
  return gaps;
}

function sizeOf(gaps: Float64Array): number {
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0);
}

/** So many draws are enough for the two figures, and take less than a second. */
const draws = 4_000_000;
const [fewestRuns, mostRuns] = [40, 400];

/** The error of a model whose confidences are all true: each answer is right with just the probability that it claims. */
function chanceOf(confidences: readonly number[]): { mean: number; high: number } {
  if (confidences.length === 0) return { mean: 0, high: 0 };
  const random = createRandom('calibration by chance');
  const claimed = Float64Array.from(confidences).sort();
  const binned = Uint8Array.from(claimed, (confidence) => binOfConfidence(confidence, bins));
  const runs = Math.max(fewestRuns, Math.min(mostRuns, Math.floor(draws / claimed.length)));
  const errors = Array.from({ length: runs }, () => {
    const gaps = new Float64Array(bins);
    for (const [index, confidence] of claimed.entries()) {
      const bin = binned[index] ?? 0;
      gaps[bin] = (gaps[bin] ?? 0) + (random.next() < confidence ? 1 : 0) - confidence;
    }
    return sizeOf(gaps) / claimed.length;
  }).sort((a, b) => a - b);
  return { mean: mean(errors), high: errors[Math.ceil(0.95 * runs) - 1] ?? 0 };
}

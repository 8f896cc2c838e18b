import { findMetric, logLoss, mae, type QualityMetric } from '../../platform/quality/index.ts';
import type { Prediction } from '../../platform/schemas/index.ts';
import { differenceBy, factsOfBoth } from './compare-metrics.ts';
import { pairPredictions } from './pair-predictions.ts';
import { significance } from './statistics/paired-difference.ts';

/** How a chosen model compares with today's on the examples that it was chosen by. */
export interface ValidationComparison {
  /** The metric: the one asked for, or one that each example has a part in. */
  readonly metric: string;
  readonly examples: number;
  /** Chosen minus today, with its 95 % interval. */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  /** The interval that also holds for the best of all that were tried; the verdict follows it. */
  readonly corrected: { readonly low: number; readonly high: number };
  readonly verdict: 'better' | 'within noise';
}

/** How the candidate was chosen. */
export interface ChosenBy {
  readonly metric: string;
  readonly classes: readonly string[];
  /** How many were tried. */
  readonly candidates: number;
}

/** More are counted as so many: the correction hardly grows, the resampling that it needs does. */
const mostCorrected = 200;

/**
 * Compares the best of several models with today's by the validation split. It was chosen because it did well there, so
 * `better` asks for an interval of 1 − 0.05 / candidates that leaves out 0 (Bonferroni; O. J. Dunn, JASA 56, 1961).
 */
export function compareValidation(
  chosen: readonly Prediction[],
  today: readonly Prediction[],
  { metric: asked, classes, candidates }: ChosenBy,
): ValidationComparison {
  const metric = withParts(asked, classes);
  const { pairs } = pairPredictions(chosen, today, classes, { split: 'validation' });
  const [ours, theirs] = factsOfBoth(pairs, classes);
  const { value, low, high, error } = differenceBy(metric, ours, theirs);
  const level = significance / Math.max(1, Math.min(candidates, mostCorrected));
  const { low: least, high: most } = differenceBy(metric, ours, theirs, level);
  // Differences that are all equal do not tell how much others differ.
  const better = error > 0 && (metric.better === 'lower' ? most < 0 : least > 0);
  return {
    metric: metric.name,
    examples: pairs.length,
    ...{ difference: value, low, high },
    corrected: { low: least, high: most },
    verdict: better ? 'better' : 'within noise',
  };
}

function withParts(
  asked: string,
  classes: readonly string[],
): Pick<QualityMetric, 'name' | 'better'> & Required<Pick<QualityMetric, 'parts'>> {
  const { name, better, parts } = findMetric(asked) ?? {};
  if (name !== undefined && better !== undefined && parts) return { name, better, parts };
  return classes.length > 0 ? logLoss : mae;
}

import { accuracy, fewestForMeans, type MetricFacts, mae } from '../../platform/quality/index.ts';
import type {
  MetricInterval,
  Prediction,
  Task,
  ValidationMetrics,
} from '../../platform/schemas/index.ts';
import { compareMetrics, differenceBy, factsOfBoth } from './compare-metrics.ts';
import { measureValidation, type ValidationRival } from './measure-validation.ts';
import { metricIntervals } from './metric-intervals.ts';
import { pairPredictions } from './pair-predictions.ts';
import { pairedDifference } from './statistics/paired-difference.ts';

/**
 * Measures a candidate on its validation split as {@link measureValidation} does, with 95 % intervals: of candidate − champion
 * where both were measured, else of the candidate's value.
 *
 * @param classes in the order of the outputs; empty for regression
 * @returns null without validation examples
 */
export function measureValidationIntervals(
  candidate: readonly Prediction[],
  champion: ValidationRival | null,
  { task, classes }: { readonly task: Task; readonly classes: readonly string[] },
): ValidationMetrics | null {
  const measured = measureValidation(candidate, champion, { task, classes });
  if (!measured) return null;
  const rival = measured.metrics.some((metric) => metric.champion !== null) ? champion : null;
  const join = { split: 'validation', learnt: rival?.trainedOn } as const;
  const { pairs } = pairPredictions(candidate, rival?.predictions ?? candidate, classes, join);
  const [ours, theirs] = factsOfBoth(pairs, classes);
  const intervals = rival
    ? differencesOf(ours, theirs)
    : metricIntervals(
        measured.metrics.map(({ name, better, candidate: value }) => ({ name, better, value })),
        ours,
      );
  return {
    ...measured,
    metrics: measured.metrics.map((one) => ({ ...one, ...find(intervals, one.name) })),
  };
}

type Interval = Pick<MetricInterval, 'name' | 'low' | 'high'>;

function find(intervals: readonly Interval[], name: string) {
  const { low = null, high = null } = intervals.find((one) => one.name === name) ?? {};
  return low === null || high === null ? {} : { interval: { low, high } };
}

function differencesOf(ours: MetricFacts, theirs: MetricFacts): Interval[] {
  const { examples, classes } = ours;
  const isEnough = examples.length >= fewestForMeans;
  if (classes.length === 0) {
    return isEnough
      ? compareMetrics(ours, theirs, { name: mae.name, ...differenceBy(mae, ours, theirs) })
      : [];
  }
  const primary = { name: accuracy.name, ...differenceOfShares(ours, theirs) };
  return isEnough ? compareMetrics(ours, theirs, primary) : [primary];
}

function differenceOfShares(ours: MetricFacts, theirs: MetricFacts) {
  const [after, before] = [accuracy.parts(ours), accuracy.parts(theirs)];
  const fixed = after.filter((right, index) => right > (before[index] ?? 0)).length;
  const broken = after.filter((right, index) => right < (before[index] ?? 0)).length;
  return pairedDifference(fixed, broken, after.length);
}

import { type MetricFacts, mae } from '../../platform/quality/index.ts';
import type { AttainableNumbers, Prediction } from '../../platform/schemas/index.ts';
import { differenceBy } from './compare-metrics.ts';

/** What is measured beside each other, all of the same validation rows in the same order. */
export interface NumbersInputs {
  readonly model: readonly Prediction[];
  /** What is always answered without looking. */
  readonly median: number;
  /** What a linear model answers, and what it answers after half of the training rows. */
  readonly linear: readonly number[];
  readonly half: readonly number[];
}

/** Measures a regression beside a linear model by the mean absolute error. */
export function measureAttainableNumbers({
  model,
  median,
  linear,
  half,
}: NumbersInputs): Pick<AttainableNumbers, 'model' | 'median' | 'linear' | 'half'> {
  const factsOf = (answers: readonly number[]): MetricFacts => ({
    ...{ classes: [], outOfDistribution: null },
    examples: model.map(({ label }, at) => {
      const value = answers[at] ?? 0;
      return { label, predicted: String(value), probabilities: [value] };
    }),
  });
  const ours: MetricFacts = { examples: model, classes: [], outOfDistribution: null };
  const [always, all] = [factsOf(model.map(() => median)), factsOf(linear)];
  const fewer = factsOf(half);
  return {
    model: { mae: mae.measure(ours) },
    median: { mae: mae.measure(always), ...differenceOf(ours, always) },
    linear: [{ space: 'columns', mae: mae.measure(all), ...differenceOf(ours, all) }],
    half: { mae: mae.measure(fewer), ...differenceOf(fewer, all) },
  };
}

function differenceOf(ours: MetricFacts, theirs: MetricFacts) {
  const { value, low, high } = differenceBy(mae, ours, theirs);
  return { difference: value, low, high };
}

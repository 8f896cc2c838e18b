import {
  accuracy,
  logLoss,
  type MetricFacts,
  type TestExample,
} from '../../platform/quality/index.ts';
import type { AttainableClasses, Prediction } from '../../platform/schemas/index.ts';
import { softmax } from '../../platform/transforms/index.ts';
import { differenceBy } from './compare-metrics.ts';
import { fitTemperature } from './statistics/fit-temperature.ts';
import { wilson } from './statistics/wilson.ts';

/** Probabilities of each class, an example after another. */
type Probabilities = readonly (readonly number[])[];

/** What a linear model answers. */
export interface LinearAnswers {
  readonly space: AttainableClasses['linear'][number]['space'];
  readonly probabilities: Probabilities;
}

/** What is measured beside each other, all of the same validation examples in the same order. */
export interface AttainableInputs {
  readonly model: readonly Prediction[];
  readonly linear: readonly [LinearAnswers, ...LinearAnswers[]];
  /** The first of them, from half of the training examples. */
  readonly half: Probabilities;
  /** In the order of the outputs. */
  readonly classes: readonly string[];
}

/**
 * Measures a model beside linear ones by log loss, each with the temperature that fits it best, as the model has its own: none
 * loses by being too sure.
 */
export function measureAttainable(
  inputs: AttainableInputs,
): Pick<AttainableClasses, 'model' | 'linear' | 'half' | 'weakest'> {
  const { model, linear, half, classes } = inputs;
  const ours = { examples: model, classes, outOfDistribution: null };
  const answered = linear.map(({ probabilities }) => calibrate(inputs, probabilities));
  const fewer = calibrate(inputs, half);
  return {
    model: measure(ours),
    linear: answered.map((theirs, at) => ({
      space: linear[at]?.space ?? linear[0].space,
      ...measure(theirs),
      ...differenceOf(ours, theirs),
    })),
    half: { ...measure(fewer), ...differenceOf(fewer, answered[0] ?? fewer) },
    weakest: weakestOf(model, classes),
  };
}

function calibrate({ model, classes }: AttainableInputs, found: Probabilities): MetricFacts {
  const logits = found.map((shares) => shares.map((share) => Math.log(Math.max(share, 1e-30))));
  const truths = model.map(({ label }) => classes.indexOf(label));
  const temperature = fitTemperature(logits, truths);
  const examples: TestExample[] = logits.map((row, at) => {
    const probabilities = [...softmax(row.map((logit) => logit / temperature))];
    const predicted = classes[probabilities.indexOf(Math.max(...probabilities))] ?? '';
    return { label: model[at]?.label ?? '', predicted, probabilities };
  });
  return { examples, classes, outOfDistribution: null };
}

function measure(facts: MetricFacts): AttainableClasses['model'] {
  return { accuracy: accuracy.measure(facts), logLoss: logLoss.measure(facts) };
}

function differenceOf(ours: MetricFacts, theirs: MetricFacts) {
  const { value, low, high } = differenceBy(logLoss, ours, theirs);
  return { difference: value, low, high };
}

/** The class with the lowest recall, if its interval ends below the accuracy of all. */
function weakestOf(
  model: readonly Prediction[],
  classes: readonly string[],
): AttainableClasses['weakest'] {
  const rightOf = (some: readonly Prediction[]) =>
    some.filter(({ label, predicted }) => label === predicted).length;
  const all = rightOf(model) / model.length;
  const found = classes.map((label) => {
    const some = model.filter((one) => one.label === label);
    return { label, right: rightOf(some), of: some.length };
  });
  const [weakest] = found
    .filter(({ right, of }) => wilson(right, of).high < all)
    .sort((a, b) => a.right / a.of - b.right / b.of);
  return weakest ?? null;
}

import type { EvaluateOutput, Metric } from '../../../platform/schemas/index.ts';
import { calibrationError } from '../statistics/calibration-error.ts';

/** What a classifier said about one labelled example. */
export interface Classified {
  readonly label: string;
  readonly predicted: string;
  /** In the order of the classes. */
  readonly probabilities: readonly number[];
}

export type ClassQuality = EvaluateOutput['perClass'][number];

/** Least probability that log loss sees, so that one confident mistake does not make it infinite. */
const smallest = 1e-15;

/**
 * Accuracy, macro-F1 (mean of the classes' F1), log loss (−mean log p(truth)), Brier score (mean of
 * Σ (p − y)², 0..2; G. W. Brier, 1950) and expected calibration error over ten bins.
 */
export function classificationMetrics(
  examples: readonly Classified[],
  classes: readonly string[],
): Metric[] {
  const mean = (of: (example: Classified) => number) => meanOf(examples.map(of));
  const truth = ({ label, probabilities }: Classified) =>
    probabilities[classes.indexOf(label)] ?? 0;
  const claims = examples.map(({ label, predicted, probabilities }) => ({
    confidence: Math.max(...probabilities),
    right: label === predicted,
  }));
  return [
    higher(
      'accuracy',
      mean(({ label, predicted }) => (label === predicted ? 1 : 0)),
    ),
    higher('macroF1', meanOf(classQuality(confusionOf(examples, classes), classes).map(f1))),
    lower(
      'logLoss',
      mean((example) => -Math.log(Math.max(smallest, truth(example)))),
    ),
    lower(
      'brier',
      mean((example) => brier(example, classes)),
    ),
    lower('calibrationError', calibrationError(claims)),
  ];
}

/** confusion[truth][predicted]: counts, in the order of the classes. */
export function confusionOf(
  examples: readonly Pick<Classified, 'label' | 'predicted'>[],
  classes: readonly string[],
): number[][] {
  const table = classes.map(() => classes.map(() => 0));
  for (const { label, predicted } of examples) {
    const row = table[classes.indexOf(label)];
    const column = classes.indexOf(predicted);
    if (row && column >= 0) row[column] = (row[column] ?? 0) + 1;
  }
  return table;
}

/** Precision, recall and F1 of each class; 0 where nothing was predicted or nothing is there. */
export function classQuality(
  confusion: readonly (readonly number[])[],
  classes: readonly string[],
): ClassQuality[] {
  return classes.map((name, index) => {
    const hits = confusion[index]?.[index] ?? 0;
    const count = sum(confusion[index] ?? []);
    const claimed = sum(confusion.map((row) => row[index] ?? 0));
    const precision = claimed === 0 ? 0 : hits / claimed;
    const recall = count === 0 ? 0 : hits / count;
    const f1 = claimed + count === 0 ? 0 : (2 * hits) / (claimed + count);
    return { class: name, precision, recall, f1, count };
  });
}

function brier({ label, probabilities }: Classified, classes: readonly string[]): number {
  const truth = classes.indexOf(label);
  return sum(probabilities.map((share, index) => (share - (index === truth ? 1 : 0)) ** 2));
}

function f1(quality: ClassQuality): number {
  return quality.f1;
}

function higher(name: string, value: number): Metric {
  return { name, value, better: 'higher' };
}

function lower(name: string, value: number): Metric {
  return { name, value, better: 'lower' };
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

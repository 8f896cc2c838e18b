import type { EvaluateOutput } from '../../schemas/index.ts';
import type { TestExample } from './metric.ts';

/** Precision, recall and F1 of one class, with its number of examples. */
export type ClassQuality = EvaluateOutput['perClass'][number];

/**
 * Counts answers as confusion[truth][predicted], classes × classes, in the order of the classes.
 *
 * @example
 * const wrong = { label: 'a', predicted: 'b' };
 * confusionOf([{ label: 'a', predicted: 'a' }, wrong], ['a', 'b']); // [[1, 1], [0, 0]]
 */
export function confusionOf(
  examples: readonly Pick<TestExample, 'label' | 'predicted'>[],
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

/**
 * Precision, recall and F1 of each class; 0 where nothing was predicted or no example exists.
 *
 * @param confusion counts as {@link confusionOf} returns them
 * @example classQuality([[1, 1], [0, 2]], ['a', 'b'])[0] // { class: 'a', precision: 1, recall: 0.5, f1: 0.66…, count: 2 }
 */
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

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

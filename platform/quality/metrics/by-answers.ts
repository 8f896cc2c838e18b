import { confusionOf } from './confusion.ts';
import type { AnswersValue, MetricFacts } from './metric.ts';

/** The part of each example in a metric of the answers: the value plus the influence of its answer on it. */
export function partsByAnswers(
  { examples, classes }: Pick<MetricFacts, 'examples' | 'classes'>,
  byAnswers: (confusion: readonly (readonly number[])[]) => AnswersValue,
): number[] {
  const { value, influence } = byAnswers(confusionOf(examples, classes));
  const places = new Map(classes.map((name, index) => [name, index]));
  return examples.map(({ label, predicted }) => {
    return value + (influence[places.get(label) ?? -1]?.[places.get(predicted) ?? -1] ?? 0);
  });
}

/** The sum of some numbers. */
export function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

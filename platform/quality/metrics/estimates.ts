import type { TestExample } from './metric.ts';

/** A predicted value and the true one. */
export interface Estimate {
  readonly truth: number;
  readonly value: number;
}

/** The examples of a regression as numbers. */
export function estimatesOf(
  examples: readonly Pick<TestExample, 'label' | 'probabilities'>[],
): Estimate[] {
  return examples.map(({ label, probabilities }) => ({
    truth: Number(label),
    value: probabilities[0] ?? 0,
  }));
}

import type { Prediction } from '../../../platform/schemas/index.ts';

/** An answer with the columns of what was asked. */
export interface Judged {
  readonly prediction: Prediction;
  readonly metadata: Readonly<Record<string, string>>;
  /** 1 for a wrong answer and 0 for a right one; of a regression the absolute error. */
  readonly miss: number;
}

/** How far an answer is off. */
export function missOf(
  { label, predicted, probabilities }: Prediction,
  regression: boolean,
): number {
  if (regression) return Math.abs(Number(label) - (probabilities[0] ?? 0));
  return label === predicted ? 0 : 1;
}

import { type Static, Type } from 'typebox';
import type { DecisionThreshold } from '../../platform/schemas/index.ts';

/** How a two-class project wants one of its classes named; params.json is checked by the stricter schema of a project. */
export const DecisionWish = Type.Object({
  class: Type.String(),
  /** From this probability on. */
  probability: Type.Optional(Type.Number()),
  /** Missing an example of the class costs so many times as much as naming it wrongly. */
  cost: Type.Optional(Type.Number()),
  /** The share of the examples named so that are of the class, on validation. */
  precision: Type.Optional(Type.Number()),
});
export type DecisionWish = Static<typeof DecisionWish>;

/** An example of the validation split. */
export interface ScoredExample {
  /** The calibrated probability of the class. */
  readonly probability: number;
  /** Whether it is of the class. */
  readonly positive: boolean;
}

/**
 * The threshold that fulfils a wish. For a cost it is 1 / (1 + cost), which costs least where probabilities are what they
 * say (C. Elkan, The Foundations of Cost-Sensitive Learning, IJCAI 2001). For a precision it is the lowest threshold that
 * has it on validation, halfway to the next example so that rounding changes nothing.
 *
 * @returns `reached` is false where no threshold has the precision: then only the surest examples are named so
 */
export function fitDecision(
  wish: DecisionWish,
  examples: readonly ScoredExample[],
): DecisionThreshold & { readonly reached: boolean } {
  const { class: name, probability, cost, precision } = wish;
  if (probability !== undefined) return { class: name, threshold: probability, reached: true };
  if (cost !== undefined) return { class: name, threshold: 1 / (1 + cost), reached: true };
  return { class: name, ...thresholdOf(precision ?? 1, examples) };
}

function thresholdOf(
  precision: number,
  examples: readonly ScoredExample[],
): { readonly threshold: number; readonly reached: boolean } {
  const falling = examples.toSorted((a, b) => b.probability - a.probability);
  let [hits, last] = [0, -1];
  for (const [index, { probability, positive }] of falling.entries()) {
    if (positive) hits++;
    const next = falling[index + 1];
    if (next?.probability !== probability && hits >= precision * (index + 1)) last = index;
  }
  const [here, next] = [falling[last]?.probability, falling[last + 1]?.probability ?? 0];
  if (here !== undefined) return { threshold: (here + next) / 2, reached: true };
  return { threshold: ((falling[0]?.probability ?? 1) + 1) / 2, reached: false };
}

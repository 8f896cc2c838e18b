import type { DecisionThreshold } from '../schemas/index.ts';
import { indexOfLargest } from './index-of-largest.ts';
import { softmax } from './softmax.ts';

/** What names a class from its probability. */
export interface ChoiceRules {
  /** Class names in the order of the logits. */
  readonly classes: readonly string[];
  readonly temperature: number;
  /** A class that is named from another probability on than where it is the likeliest; absent for none. */
  readonly decision?: DecisionThreshold | undefined;
}

/**
 * The place of the class that logits name: the likeliest, or the one with a threshold of its own where its probability
 * reaches that, and the likeliest of the others where it does not.
 *
 * @param logits without what class weights added to them
 * @example chooseClass([1, 0], { classes: ['no', 'yes'], temperature: 1, decision: { class: 'yes', threshold: 0.2 } }) // 1
 */
export function chooseClass(
  logits: ArrayLike<number>,
  { classes, temperature, decision }: ChoiceRules,
): number {
  const asked = decision ? classes.indexOf(decision.class) : -1;
  if (!decision || asked < 0) return indexOfLargest(logits);
  const likely = softmax(logits, temperature)[asked] ?? 0;
  if (likely >= decision.threshold) return asked;
  const others = Array.from(logits, (logit, index) =>
    index === asked ? Number.NEGATIVE_INFINITY : logit,
  );
  return indexOfLargest(others);
}

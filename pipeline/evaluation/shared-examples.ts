import type { Pair } from './pair-predictions.ts';

/** Whether both models say exactly the same, as one and the same model does. */
export function isSame(pairs: readonly Pair[]): boolean {
  return (
    pairs.length > 0 &&
    pairs.every(({ candidate, champion }) =>
      candidate.probabilities.every((value, index) => value === champion.probabilities[index]),
    )
  );
}

/** Why there is nothing to compare. */
export function explainNone(seen: number): string {
  if (seen === 0) return 'The two test splits share no example.';
  return `The model that serves was trained on all ${seen} examples of this test split.`;
}

/** Words for the examples that are left out, to follow a count; '' if there are none. */
export function exceptSeen(seen: number): string {
  if (seen === 0) return '';
  return ` (without ${seen} on which the model that serves was trained)`;
}

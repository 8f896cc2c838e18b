import type { ChosenVerdict } from './chosen-candidate.ts';
import type { Pair } from './pair-predictions.ts';

/** How a candidate was come by. */
export interface Compared {
  /** How many were measured on this test data, this one among them. */
  readonly candidates: number;
  /** Whether it is the very model that it is compared with. */
  readonly sameModel: boolean;
}

/** Whether both models say exactly the same, as one and the same model does; so may two others, to few examples. */
export function isSame(pairs: readonly Pair[]): boolean {
  return (
    pairs.length > 0 &&
    pairs.every(
      ({ candidate, champion }) =>
        candidate.predicted === champion.predicted &&
        candidate.probabilities.every((value, index) => value === champion.probabilities[index]),
    )
  );
}

/** Why a model is neither better nor worse than itself. */
export const explainSameModel = 'It is the model that serves, the same file with the same rules.';

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

/** Words for the interval that is corrected for a choice, to follow the ordinary one; '' if there is none. */
export function renderChoice(
  { candidates, corrected }: { readonly candidates: number } & Pick<ChosenVerdict, 'corrected'>,
  render: (value: number) => string,
): string {
  if (!corrected) return '';
  const { low, high } = corrected;
  return `; for the best of ${candidates} candidates ${render(low)} to ${render(high)}`;
}

import type { ChosenVerdict } from './chosen-candidate.ts';
import type { Pair, Seen } from './pair-predictions.ts';

/** How a candidate was chosen. */
export interface Compared {
  /** How many were measured on this test data, this one among them. */
  readonly candidates: number;
  /** Whether it is the very model that it is compared with. */
  readonly sameModel: boolean;
}

/** Whether both models say exactly the same, as one and the same model does; so may two different ones, on few examples. */
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

/** What the words for a verdict are made of, whatever the task. */
export interface SharedFacts extends Compared, Seen {
  readonly pairs: readonly Pair[];
  /** Whether both say exactly the same. */
  readonly same: boolean;
  /** The ordinary interval of the difference, and the one that is corrected for a choice. */
  readonly low: number;
  readonly high: number;
  readonly corrected: ChosenVerdict['corrected'];
}

/** Why there is no difference: both are one model, or there is nothing to compare them on; null where there may be one. */
export function explainUncompared({ sameModel, pairs, ...seen }: SharedFacts): string | null {
  if (sameModel) return 'It is the model that serves, the same file with the same rules.';
  if (pairs.length > 0) return null;
  if (seen.seen === 0) return 'The two test splits share no example.';
  const how = renderHow(seen);
  return `The model that serves was trained on all ${seen.seen} examples of this test split${how && `, ${how}`}.`;
}

/** Words for the examples that are left out, to follow a count; '' if there are none. */
export function exceptSeen(seen: Seen): string {
  if (seen.seen === 0) return '';
  const how = renderHow(seen);
  return ` (without ${seen.seen} on which the model that serves was trained${how && `, ${how}`})`;
}

/** How the examples were recognised that are others now by their digest; '' if there are none. */
function renderHow({ byGroup, byContent }: Seen): string {
  const group = byGroup > 0 ? `${byGroup} of them with others of their group` : '';
  const of = byGroup > 0 ? '' : ' of them';
  const content =
    byContent > 0
      ? `${byContent}${of} or may have been: changed since, they look the same to it`
      : '';
  return [group, content].filter((part) => part !== '').join(', ');
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

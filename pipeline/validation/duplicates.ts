import type { DealtExample } from '../../platform/schemas/index.ts';

/** Examples with the same bytes. */
export interface DuplicateSet {
  /** How many splits they are in. */
  readonly splits: number;
  /** How many labels they have. */
  readonly labels: number;
  /** Their ids, for a person. */
  readonly text: string;
}

/** Sets of two or more examples with the same digest, in the order of the examples. */
export function duplicates(examples: readonly DealtExample[]): DuplicateSet[] {
  return [...Map.groupBy(examples, ({ digest }) => digest).values()]
    .filter((members) => members.length > 1)
    .map((members) => ({
      splits: new Set(members.map(({ split }) => split)).size,
      labels: new Set(members.map(({ label }) => label)).size,
      text: members.map(({ id }) => id).join(' = '),
    }));
}

import type { DealtExample } from '../../platform/schemas/index.ts';
import { eachFirst, listFew } from './check.ts';

/** Examples with the same bytes. */
export interface DuplicateSet {
  /** How many splits they are in. */
  readonly splits: number;
  /** How many labels they have. */
  readonly labels: number;
  /** Their ids, and their splits where these differ, for a person. */
  readonly text: string;
}

/** Sets of two or more examples with the same digest, in the order of the examples. */
export function duplicates(examples: readonly DealtExample[]): DuplicateSet[] {
  return [...Map.groupBy(examples, ({ digest }) => digest).values()]
    .filter((members) => members.length > 1)
    .map((members) => {
      const splits = new Set(members.map(({ split }) => split)).size;
      const names = eachFirst(members, ({ split }) => split).map(({ id, split }) =>
        splits > 1 ? `${id} (${split})` : id,
      );
      return {
        splits,
        labels: new Set(members.map(({ label }) => label)).size,
        text: listFew(names, ' = '),
      };
    });
}

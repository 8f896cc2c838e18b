import { type Check, counted, observed } from '../check.ts';
import { duplicates } from '../duplicates.ts';
import type { FolderSubject } from '../subjects.ts';

export const duplicateWithin: Check<FolderSubject> = {
  code: 'DUPLICATE_WITHIN',
  severity: 'warning',
  finds: 'One photo several times in one split and class: it weighs more than it should.',
  hint: 'Keep one copy of each.',
  observe: ({ examples }) => {
    const sets = duplicates(examples).filter((set) => set.splits === 1 && set.labels === 1);
    const places = sets.map(({ text }) => text);
    return observed(
      places,
      `${counted(places.length, 'photo is', 'photos are')} there more than once in a split.`,
    );
  },
};

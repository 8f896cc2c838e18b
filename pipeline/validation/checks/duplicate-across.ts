import { type Check, counted, observed } from '../check.ts';
import { duplicates } from '../duplicates.ts';
import type { FolderSubject } from '../subjects.ts';

export const duplicateAcross: Check<FolderSubject> = {
  code: 'DUPLICATE_ACROSS',
  severity: 'error',
  finds:
    'One photo in two splits: the test asks for what training has seen, and every metric looks better than it is.',
  hint: 'Keep one copy of each, or give copies one value in the column that split.group names.',
  observe: ({ examples }) => {
    const places = duplicates(examples)
      .filter(({ splits }) => splits > 1)
      .map(({ text }) => text);
    return observed(
      places,
      `${counted(places.length, 'photo is', 'photos are')} in more than one split.`,
    );
  },
};

import { type Check, counted, observed } from '../check.ts';
import { duplicates } from '../duplicates.ts';
import type { FolderSubject } from '../subjects.ts';

export const duplicateLabels: Check<FolderSubject> = {
  code: 'DUPLICATE_LABELS',
  severity: 'error',
  finds: 'One photo with two labels: at least one of them is wrong.',
  hint: 'Decide which label is right and remove the other copy.',
  observe: ({ examples }) => {
    const places = duplicates(examples)
      .filter(({ labels }) => labels > 1)
      .map(({ text }) => text);
    return observed(
      places,
      `${counted(places.length, 'photo has', 'photos have')} more than one label.`,
    );
  },
};

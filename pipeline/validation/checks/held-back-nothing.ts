import { describeSufficient } from '../../../platform/storage/index.ts';
import { type Check, observed } from '../check.ts';
import type { ExampleSubject } from '../subjects.ts';

export const heldBackNothing: Check<ExampleSubject> = {
  code: 'HELD_BACK_NOTHING',
  severity: 'error',
  finds:
    'A share that is held back for promotions, but holds nothing back: every promotion would be refused.',
  hint: 'Raise split.heldBack in project.ts and lock again, add data, or remove it.',
  observe: ({ heldBackGaps: gaps }) => {
    if (!gaps?.isEmpty) return [];
    const message = `split.heldBack: ${gaps.share} holds nothing back. ${describeSufficient(gaps)}`;
    return observed([...gaps.lacking.keys()], message);
  },
};

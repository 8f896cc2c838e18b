import { describeSufficient } from '../../../platform/storage/index.ts';
import { type Check, observed } from '../check.ts';
import type { ExampleSubject } from '../subjects.ts';

export const heldBackClass: Check<ExampleSubject> = {
  code: 'HELD_BACK_CLASS',
  severity: 'warning',
  finds:
    'Classes of which nothing is held back for promotions, though something is of others: no promotion would be judged by them.',
  hint: 'Raise split.heldBack in project.ts and lock again, or collect more of these classes.',
  observe: ({ heldBackGaps: gaps }) => {
    if (!gaps || gaps.isEmpty) return [];
    const places = [...gaps.lacking].map(([label, share]) =>
      share === null ? `${label}: no share is large enough` : `${label}: from ${share} on`,
    );
    const message = `split.heldBack: ${gaps.share} holds nothing back of some classes. ${describeSufficient(gaps)}`;
    return observed(places, message);
  },
};

import {
  findLookAlikes,
  foldIdentical,
  foldSimilar,
  spellOut,
} from '../../../platform/lib/look-alikes.ts';
import { type Check, counted, observed } from '../check.ts';
import { type ExampleSubject, labelsOf } from '../subjects.ts';

export const labelSimilar: Check<ExampleSubject> = {
  code: 'LABEL_SIMILAR',
  severity: 'warning',
  finds:
    'Labels that differ only by case, by ligatures or wide letters, or by letters of another script that look Latin.',
  hint: 'If they mean the same class, rename one; otherwise there is nothing to do.',
  observe: (subject) => {
    const groups = findLookAlikes(labelsOf(subject), foldSimilar).filter(
      ([first = '', ...others]) =>
        others.some((other) => foldIdentical(other) !== foldIdentical(first)),
    );
    return observed(
      groups.map((names) => names.map(spellOut).join(' ≈ ')),
      `${counted(groups.length, 'label is', 'labels are')} written in more than one way.`,
    );
  },
};

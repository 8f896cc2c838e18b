import { findLookAlikes, foldIdentical, spellOut } from '../../../platform/lib/look-alikes.ts';
import { type Check, counted, observed } from '../check.ts';
import { type ExampleSubject, labelsOf } from '../subjects.ts';

export const labelAlike: Check<ExampleSubject> = {
  code: 'LABEL_ALIKE',
  severity: 'error',
  finds:
    'Labels that look the same but are written with other characters: composed and decomposed letters, blanks, invisible characters. They would be two classes.',
  hint: 'Rename one, in the folder names or the table and in project.ts, so that both have the same characters.',
  observe: (subject) => {
    const groups = findLookAlikes(labelsOf(subject), foldIdentical);
    return observed(
      groups.map((names) => names.map(spellOut).join(' = ')),
      `${counted(groups.length, 'label is', 'labels are')} written in more than one way that nobody can tell apart.`,
    );
  },
};

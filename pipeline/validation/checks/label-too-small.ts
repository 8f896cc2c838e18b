import { type Check, observed } from '../check.ts';
import { numbersOf, type TableSubject } from '../subjects.ts';

/** The smallest number that 32 bits hold with all their digits. */
const smallestNumber = 2 ** -126;

export const labelTooSmall: Check<TableSubject> = {
  code: 'LABEL_TOO_SMALL',
  severity: 'error',
  finds:
    'Labels of a regression that are all closer to 0 than 1.2e-38: the network computes in 32 bits and cannot tell them apart.',
  hint: 'Use another unit, or their logarithms.',
  observe: (subject) => {
    const { label } = subject.table;
    if (subject.classes.length > 0 || subject.data.place(label) < 0) return [];
    let largest = 0;
    for (const value of numbersOf(subject, label).values) {
      if (Math.abs(value) > largest) largest = Math.abs(value);
    }
    if (largest === 0 || largest >= smallestNumber) return [];
    return observed([label], `No label is farther from 0 than ${largest}.`);
  },
};

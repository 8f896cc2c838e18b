import { cellStates, rowsInState } from '../../../platform/transforms/index.ts';
import { type Check, counted, observed } from '../check.ts';
import {
  isNumeric,
  numbersOf,
  quotedPlaceOf,
  rowsOfValues,
  type TableSubject,
} from '../subjects.ts';

export const labelUnknown: Check<TableSubject> = {
  code: 'LABEL_UNKNOWN',
  severity: 'error',
  finds: 'Labels that are not one of the classes; for regression, labels that are not numbers.',
  hint: 'Fix the spelling in the table, or the classes in project.ts.',
  observe: (subject) => {
    const { classes } = subject;
    const { label } = subject.table;
    const places = unknownRows(subject).map((row) => quotedPlaceOf(subject, row, label));
    const wanted = classes.length > 0 ? `one of ${classes.join(', ')}` : 'a number';
    return observed(places, `${counted(places.length, 'label is', 'labels are')} not ${wanted}.`);
  },
};

function unknownRows(subject: TableSubject): number[] {
  const { data, classes } = subject;
  const { label } = subject.table;
  if (data.place(label) < 0) return [];
  const texts = isNumeric(subject, label)
    ? rowsInState(numbersOf(subject, label), cellStates.text)
    : null;
  if (classes.length === 0) return texts ?? [];
  const known = new Set(['', ...classes]);
  return rowsOfValues(subject, label, (text) => !known.has(text));
}

import { isTooLarge, parseNumber } from '../../../platform/transforms/index.ts';
import { type Check, counted, observed } from '../check.ts';
import { presentCells, type TableSubject } from '../subjects.ts';

export const labelUnknown: Check<TableSubject> = {
  code: 'LABEL_UNKNOWN',
  severity: 'error',
  finds: 'Labels that are not one of the classes; for regression, labels that are not numbers.',
  hint: 'Fix the spelling in the table, or the classes in project.ts.',
  observe: (subject) => {
    const { classes } = subject;
    const known = (cell: string) =>
      classes.length > 0 ? classes.includes(cell) : parseNumber(cell) !== null || isTooLarge(cell);
    const places = presentCells(subject, subject.table.label)
      .filter(({ cell }) => !known(cell))
      .map(({ row, cell }) => `row ${row}: ${JSON.stringify(cell)}`);
    const wanted = classes.length > 0 ? `one of ${classes.join(', ')}` : 'a number';
    return observed(places, `${counted(places.length, 'label is', 'labels are')} not ${wanted}.`);
  },
};

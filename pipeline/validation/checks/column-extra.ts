import { type Check, observed } from '../check.ts';
import { type TableSubject, usedColumns } from '../subjects.ts';

export const columnExtra: Check<TableSubject> = {
  code: 'COLUMN_EXTRA',
  severity: 'info',
  finds:
    'Columns that the project does not use: nothing is wrong, but a new one may be worth a thought.',
  hint: 'Add them to table.features in project.ts if they are known at the time of prediction and may help.',
  observe: (subject) => {
    const used = new Set(usedColumns(subject));
    const extra = subject.data.columns
      .map((name, index) => ({ name, shown: name || `(column ${index + 1}, without a name)` }))
      .filter(({ name }) => !used.has(name))
      .map(({ shown }) => shown);
    return observed(extra, `The project does not use ${extra.join(', ')}.`);
  },
};

import { type Check, observed } from '../check.ts';
import { type TableSubject, usedColumns } from '../subjects.ts';

export const columnMissing: Check<TableSubject> = {
  code: 'COLUMN_MISSING',
  severity: 'error',
  finds: 'Columns that the project names and the table lacks.',
  hint: 'Compare the names in table and slices of project.ts with the first line of the CSV file.',
  observe: (subject) => {
    const missing = usedColumns(subject).filter((name) => subject.data.place(name) < 0);
    const present = subject.data.columns.join(', ');
    return observed(missing, `The table lacks ${missing.join(', ')}; it has ${present}.`);
  },
};

import { type Check, counted, observed } from '../check.ts';
import { gapsOf, type TableSubject } from '../subjects.ts';

export const labelMissing: Check<TableSubject> = {
  code: 'LABEL_MISSING',
  severity: 'error',
  finds: 'Rows that do not say what is to be learnt.',
  hint: 'Fill in the label or remove the rows.',
  observe: (subject) => {
    const { label } = subject.table;
    if (subject.data.place(label) < 0) return [];
    const rows = gapsOf(subject, label);
    return observed(
      rows.map((row) => `row ${row + 1}`),
      `${counted(rows.length, 'row has', 'rows have')} no ${label}.`,
    );
  },
};

import { type Check, counted, observed } from '../check.ts';
import { presentCells, type TableSubject } from '../subjects.ts';

export const labelMissing: Check<TableSubject> = {
  code: 'LABEL_MISSING',
  severity: 'error',
  finds: 'Rows that do not say what is to be learnt.',
  hint: 'Fill in the label or remove the rows.',
  observe: (subject) => {
    const { label } = subject.table;
    if (!subject.columns.includes(label)) return [];
    const labelled = new Set(presentCells(subject, label).map(({ row }) => row));
    const rows = subject.rows.map((_, index) => index + 1).filter((row) => !labelled.has(row));
    return observed(
      rows.map((row) => `row ${row}`),
      `${counted(rows.length, 'row has', 'rows have')} no ${label}.`,
    );
  },
};

import { type Check, counted, observed } from '../check.ts';
import { numbersOf, placeOf, type TableSubject } from '../subjects.ts';

export const labelNotPositive: Check<TableSubject> = {
  code: 'LABEL_NOT_POSITIVE',
  severity: 'error',
  finds: "Labels of 0 or below, which have no logarithm, where `table.labelScale` is `'log'`.",
  hint: 'Fix or remove the rows, or take labelScale out of project.ts.',
  observe: (subject) => {
    const { label, labelScale } = subject.table;
    if (labelScale !== 'log' || subject.data.place(label) < 0) return [];
    const { values } = numbersOf(subject, label);
    const rows = [...values.keys()].filter((row) => (values[row] ?? 1) <= 0);
    return observed(
      rows.map((row) => placeOf(subject, row, label)),
      `${counted(rows.length, 'label is', 'labels are')} not above 0.`,
    );
  },
};

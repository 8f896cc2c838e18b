import { type Check, observed } from '../check.ts';
import { featureColumns, presentCells, type TableSubject } from '../subjects.ts';

export const columnConstant: Check<TableSubject> = {
  code: 'COLUMN_CONSTANT',
  severity: 'warning',
  finds: 'Features with one value in every row: nothing can be learnt from them.',
  hint: 'Remove the column from table.features, or find out why it no longer varies.',
  observe: (subject) => {
    const constant = featureColumns(subject)
      .map(([name]) => name)
      .filter((name) => new Set(presentCells(subject, name).map(({ cell }) => cell)).size < 2);
    return observed(constant, `${constant.join(', ')} never changes.`);
  },
};

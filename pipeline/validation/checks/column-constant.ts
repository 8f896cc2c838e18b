import { cellStates } from '../../../platform/transforms/index.ts';
import { type Check, observed } from '../check.ts';
import { featureColumns, isNumeric, numbersOf, type TableSubject } from '../subjects.ts';

export const columnConstant: Check<TableSubject> = {
  code: 'COLUMN_CONSTANT',
  severity: 'warning',
  finds: 'Features with one value in every row: nothing can be learnt from them.',
  hint: 'Remove the column from table.features, or find out why it no longer varies.',
  observe: (subject) => {
    const constant = featureColumns(subject)
      .map(([name]) => name)
      .filter((name) => isConstant(subject, name));
    return observed(constant, `${constant.join(', ')} never changes.`);
  },
};

function isConstant(subject: TableSubject, name: string): boolean {
  const { data } = subject;
  const place = data.place(name);
  if (!isNumeric(subject, name)) {
    const column = data.column(name);
    const texts = Array.from(column?.counts ?? [], (_, code) => column?.text(code));
    return texts.filter((text) => text !== '').length < 2;
  }
  const { states } = numbersOf(subject, name);
  let first: string | null = null;
  for (let row = 0; row < states.length; row++) {
    if (states[row] === cellStates.missing) continue;
    const text = data.text(row, place);
    first ??= text;
    if (text !== first) return false;
  }
  return true;
}

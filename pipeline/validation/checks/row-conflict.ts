import { ownValue } from '../../../platform/lib/own-value.ts';
import { isMissing } from '../../../platform/transforms/index.ts';
import { type Check, counted, listFew, observed } from '../check.ts';
import { featureColumns, type TableSubject } from '../subjects.ts';

export const rowConflict: Check<TableSubject> = {
  code: 'ROW_CONFLICT',
  severity: 'warning',
  finds: 'Rows with equal features and different classes: no model can be right about all of them.',
  hint: 'Check the labels; if they are right, the features do not hold what decides.',
  observe: (subject) => {
    if (subject.classes.length === 0) return [];
    const features = featureColumns(subject);
    const numbered = subject.rows
      .map((row, index) => ({
        row: index + 1,
        label: row[subject.table.label] ?? '',
        cells: features.map(([name, { kind }]) =>
          isMissing(ownValue(row, name), kind) ? '' : ownValue(row, name),
        ),
      }))
      .filter(({ cells }) => cells.every((cell) => cell !== ''));
    const places = [...Map.groupBy(numbered, ({ cells }) => JSON.stringify(cells)).values()]
      .filter((equal) => new Set(equal.map(({ label }) => label)).size > 1)
      .map((equal) =>
        listFew(
          equal.map(({ row, label }) => `row ${row} (${label})`),
          ' ≠ ',
        ),
      );
    return observed(
      places,
      `${counted(places.length, 'set of equal rows differs', 'sets of equal rows differ')} in their label.`,
    );
  },
};

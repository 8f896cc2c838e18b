import { ownValue } from '../../platform/lib/own-value.ts';
import type {
  ReferenceProfile,
  TableColumn,
  TablePreprocessing,
} from '../../platform/schemas/index.ts';
import { isMissing, parseBoolean } from '../../platform/transforms/index.ts';
import type { TableValues } from './rows.ts';

/** A row in which one column is replaced. */
export interface ColumnReplacement {
  readonly column: string;
  readonly value: string | number | null;
  /** Null where the column has nothing typical: it is left out. */
  readonly replacement: string | number | null;
  readonly row: TableValues;
}

/**
 * Plans rows each with one column replaced by what is typical: of numbers the mean or median of the training data, of
 * categories and booleans the commonest value of the reference data. Dates, and columns whose values the reference data do not
 * count, are left out as if they were not known. Columns that the row does not have are not replaced.
 *
 * @example
 * planReplacements(preprocessing, profile, { weight: 9, colour: 'green' });
 * // [{ column: 'weight', value: 9, replacement: 4, row: { weight: 4, colour: 'green' } }, …]
 */
export function planReplacements(
  { columns }: TablePreprocessing,
  profile: ReferenceProfile,
  row: TableValues,
): ColumnReplacement[] {
  return columns.flatMap((column) => {
    const value = ownValue(row, column.name) ?? null;
    if (isMissing(value, column.kind)) return [];
    const replacement = typicalOf(column, profile);
    return [
      { column: column.name, value, replacement, row: { ...row, [column.name]: replacement } },
    ];
  });
}

function typicalOf(column: TableColumn, profile: ReferenceProfile): string | number | null {
  if (column.kind === 'number') return column.mean;
  if (column.kind === 'date') return null;
  return commonest(column.name, profile, (value) =>
    column.kind === 'category' ? column.values.includes(value) : parseBoolean(value) !== null,
  );
}

/** The category with the largest share among those that the model knows. */
function commonest(
  name: string,
  { bins }: ReferenceProfile,
  isKnown: (value: string) => boolean,
): string | null {
  const found = bins.find((one) => one.name === name && one.kind === 'category');
  const shares = (found?.edges ?? []).flatMap((edge, index) => {
    const share = found?.ratios[index] ?? 0;
    return isKnown(String(edge)) && share > 0 ? [{ value: String(edge), share }] : [];
  });
  shares.sort((a, b) => b.share - a.share);
  return shares[0]?.value ?? null;
}

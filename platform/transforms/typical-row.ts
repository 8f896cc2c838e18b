import type { TableColumn, TablePreprocessing } from '../schemas/index.ts';

/**
 * A row that a model must be able to answer, made from what its preprocessing knows of the training data: means, and the first
 * category of each column.
 *
 * @example typicalRow(preprocessing) // { weight: 4, colour: 'orange' }
 */
export function typicalRow({
  columns,
}: TablePreprocessing): Record<string, string | number | null> {
  return Object.fromEntries(columns.map((column) => [column.name, typicalOf(column)]));
}

function typicalOf(column: TableColumn): string | number | null {
  if (column.kind === 'number') return column.mean;
  if (column.kind === 'boolean') return 'yes';
  return column.kind === 'date' ? '2026-01-31' : (column.values[0] ?? null);
}

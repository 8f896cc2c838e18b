import type { LabelScale, PreparedRow, Preprocessing } from '../../platform/schemas/index.ts';
import type { TreeRows } from './bin-table.ts';
import type { TreeColumn } from './fit-bins.ts';
import type { Forest } from './forest.ts';

/** Boosted trees with what their numbers mean. */
export interface Trees {
  readonly forest: Forest;
  readonly columns: readonly TreeColumn[];
  /** How many classes there are; 0 for regression. */
  readonly classes: number;
  /** What the leaves add up to, where it is not the label itself. */
  readonly labelScale?: LabelScale;
}

/** The columns of a table that was encoded as codes. @throws Error for anything else */
export function columnsOf(preprocessing: Preprocessing): TreeColumn[] {
  if (preprocessing.kind !== 'table' || preprocessing.encoding !== 'codes') {
    throw new Error('trees take a table whose categories are codes');
  }
  return preprocessing.columns.flatMap((column): TreeColumn[] => {
    const { name } = column;
    if (column.kind === 'category' && column.target) {
      return column.target.parts.map((part) => ({
        name: part.class === undefined ? name : `${name}, ${part.class}`,
        categories: null,
      }));
    }
    if (column.kind === 'category') return [{ name, categories: column.values.length }];
    if (column.kind === 'boolean') return [{ name, categories: 2 }];
    if (column.kind === 'number') return [{ name, categories: null }];
    return column.parts.map(({ part }) => ({ name: `${name}, ${part}`, categories: null }));
  });
}

/** The positions of the columns that hold numbers. */
export function numberColumns(columns: readonly TreeColumn[]): number[] {
  return columns.flatMap(({ categories }, index) => (categories === null ? [index] : []));
}

/**
 * What two classes make of their one score, the log odds of the second: half of it for each logit, with opposite signs.
 * Null where each output is a logit, or the value.
 */
export function logitFactors(classes: number): readonly [number, number] | null {
  return classes === 2 ? [-0.5, 0.5] : null;
}

/** The part of prepared data that is read here. */
interface Prepared {
  readonly index: { readonly rows: readonly PreparedRow[] };
  readonly rowLength: number;
  fill(target: Float32Array, rows: readonly number[]): void;
}

/** Reads some rows of a prepared table column by column. @param classes empty for regression */
export function readTreeRows(
  { index, rowLength, fill }: Prepared,
  rows: readonly number[],
  classes: readonly string[],
): TreeRows {
  const columns = Array.from({ length: rowLength }, () => new Float32Array(rows.length));
  const values = new Float32Array(rowLength);
  const positions = new Map(classes.map((name, position) => [name, position]));
  const targets = new Float64Array(rows.length);
  for (const [place, row] of rows.entries()) {
    fill(values, [row]);
    for (const [column, into] of columns.entries()) into[place] = values[column] ?? Number.NaN;
    const label = index.rows[row]?.label ?? '';
    targets[place] = classes.length > 0 ? (positions.get(label) ?? 0) : Number(label);
  }
  return { columns, targets };
}

/** By what share of the whole each column lowered the training loss, the largest first. */
export function importanceOf(
  { columns: nodes, gains }: Forest,
  columns: readonly TreeColumn[],
): { column: string; share: number }[] {
  const sums = new Float64Array(columns.length);
  for (const [node, column] of nodes.entries()) {
    if (column >= 0) sums[column] = (sums[column] ?? 0) + (gains[node] ?? 0);
  }
  const total = sums.reduce((sum, gain) => sum + gain, 0) || 1;
  return columns
    .map(({ name }, column) => ({ column: name, share: (sums[column] ?? 0) / total }))
    .sort((a, b) => b.share - a.share);
}

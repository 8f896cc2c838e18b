import { type Bins, binValues, fitBins, type TreeColumn } from './fit-bins.ts';
import type { BinnedTable } from './histograms.ts';

/** Rows of a table, column by column. */
export interface TreeRows {
  /** Encoded values; NaN is missing. All of one length. */
  readonly columns: readonly Float32Array[];
  /** Classes by number, or values to predict. */
  readonly targets: Float64Array;
}

/** Fits the bins of training rows. @param most bins a column */
export function fitTableBins(
  { columns }: TreeRows,
  kinds: readonly TreeColumn[],
  most: number,
): Bins[] {
  return kinds.map((kind, index) => fitBins(columns[index] ?? new Float32Array(), kind, most));
}

/** Turns rows into bins. */
export function binTable({ columns, targets }: TreeRows, bins: readonly Bins[]): BinnedTable {
  const rows = targets.length;
  return {
    rows,
    bins,
    columns: bins.map((bin, index) => {
      const target = new Uint8Array(rows);
      binValues(columns[index] ?? new Float32Array(), bin, target);
      return target;
    }),
  };
}

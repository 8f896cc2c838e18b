import type { Csv } from '../../../platform/lib/csv.ts';
import { type Cell, isMissing } from '../../../platform/transforms/index.ts';

/** What metadata.csv says, and of how many photos. */
export interface DescribedPhotos {
  readonly metadata: Csv | null;
  readonly photos: number;
  /** The column that `init` itself has added. */
  readonly seriesColumn?: string | null;
}

/** Columns of metadata.csv that slices and the split can use. */
export function photoColumns({ metadata, photos, seriesColumn = null }: DescribedPhotos): {
  slices: string[];
  groups: string[];
} {
  const columns = (metadata?.columns ?? [])
    .map((name) => ({
      name,
      values: countValues(metadata?.rows.map((row) => row[name]) ?? []),
    }))
    .filter(({ name }) => name !== 'file' && name !== seriesColumn);
  const named = (few: number, many: number) =>
    columns.filter(({ values }) => values >= few && values <= many).map(({ name }) => name);
  const groups = named(20, Math.floor(photos / 1.5));
  return {
    slices: named(2, 12),
    groups: groups.length === 0 && seriesColumn !== null ? [seriesColumn] : groups,
  };
}

/** Different values, without the cells that hold none. */
function countValues(cells: readonly Cell[]): number {
  return new Set(cells.filter((cell) => !isMissing(cell, 'category'))).size;
}

import { ownValue } from '../../platform/lib/own-value.ts';
import type {
  BlobStore,
  PreparedRow,
  Preprocessing,
  TableColumn,
  Workspace,
} from '../../platform/schemas/index.ts';
import {
  type ColumnKind,
  isMissing,
  measureImage,
  parseBoolean,
} from '../../platform/transforms/index.ts';
import type { Quantity } from './build-profile.ts';

const imageQuantities = ['brightness', 'contrast', 'sharpness', 'red', 'green', 'blue'] as const;
const atOnce = 8;

/**
 * Measures the quantities of rows that the profile bins: a table's columns, or properties of the photos in the
 * store, measured by the function that serving applies to an uploaded photo.
 *
 * @throws MainstemError STORE_MISSING, STORE_CORRUPT, IMAGE_UNREADABLE
 */
export async function measureQuantities(
  workspace: Workspace,
  store: BlobStore,
  rows: readonly PreparedRow[],
  preprocessing: Preprocessing,
): Promise<Quantity[]> {
  if (preprocessing.kind === 'table') {
    return comparedColumns(preprocessing.columns).map((column) => ({
      name: column.name,
      values: rows.map(({ metadata }) => presentCell(ownValue(metadata, column.name), column.kind)),
      categories: categoriesOf(column),
    }));
  }
  const photos = await measurePhotos(workspace, store, rows, preprocessing.size);
  return imageQuantities.map((name) => ({
    name,
    values: photos.map((properties) => properties[name]),
    categories: null,
  }));
}

/**
 * The columns that a profile has. Dates move on with the calendar, which is not drift; thousands of values would be as many series
 * for monitoring.
 */
export function comparedColumns(columns: readonly TableColumn[]): TableColumn[] {
  return columns.filter(
    (column) =>
      column.kind !== 'date' && !(column.kind === 'category' && column.target !== undefined),
  );
}

function categoriesOf(column: TableColumn): readonly string[] | null {
  if (column.kind === 'boolean') return ['false', 'true'];
  return column.kind === 'category' ? column.values : null;
}

/** A cell as serving reads it. */
export function presentCell(cell: string | undefined, kind: ColumnKind): string | null {
  if (cell === undefined || isMissing(cell, kind)) return null;
  return kind === 'boolean' ? String(parseBoolean(cell) ?? cell) : cell;
}

async function measurePhotos(
  { reporter, signal }: Workspace,
  store: BlobStore,
  rows: readonly PreparedRow[],
  side: number,
) {
  const measured: Awaited<ReturnType<typeof measureImage>>[] = [];
  const progress = reporter.progress('Measuring the reference photos', rows.length, 'photos');
  try {
    for (let first = 0; first < rows.length; first += atOnce) {
      signal.throwIfAborted();
      const some = rows.slice(first, first + atOnce);
      const measure = async (row: PreparedRow) =>
        measureImage(await store.get(row.digest), { side });
      measured.push(...(await Promise.all(some.map(measure))));
      progress.update(measured.length);
    }
  } finally {
    progress.end();
  }
  return measured;
}

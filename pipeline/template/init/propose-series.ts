import { join } from 'node:path';
import type { Csv } from '../../../platform/lib/csv.ts';
import { isMainstemError } from '../../../platform/lib/errors.ts';
import { plural } from '../../../platform/lib/plural.ts';
import { readBytes } from '../../../platform/lib/read-text.ts';
import type { Workspace } from '../../../platform/schemas/index.ts';
import {
  findLookAlikePhotos,
  type PhotoPrint,
  readPhotoPrint,
} from '../../../platform/transforms/index.ts';
import type { TakenFile } from './list-photos.ts';

/** Photos that look almost the same, one list for each series. */
export type Series = readonly (readonly TakenFile[])[];

/**
 * Finds bursts, frames of one video and copies among photos: in different splits, the test would know them already.
 *
 * @param folder where the photos are, absolute
 */
export async function findSeries(
  workspace: Workspace,
  folder: string,
  photos: readonly TakenFile[],
): Promise<Series> {
  const names = new Intl.Collator('en', { numeric: true });
  const ordered = photos.toSorted((a, b) => names.compare(a.from, b.from));
  const sets = findLookAlikePhotos(await readPrints(workspace, folder, ordered));
  return sets.map((set) => set.flatMap((at) => ordered[at] ?? []));
}

async function readPrints(
  { reporter, signal }: Workspace,
  folder: string,
  photos: readonly TakenFile[],
): Promise<(PhotoPrint | null)[]> {
  const progress = reporter.progress('Comparing', photos.length, 'photos');
  const prints = new Array<PhotoPrint | null>(photos.length).fill(null);
  const queue = photos.entries();
  let done = 0;
  const work = async () => {
    for (const [at, { from, bytes }] of queue) {
      signal.throwIfAborted();
      prints[at] = await readPrint(bytes ?? join(folder, from));
      progress.update(++done);
    }
  };
  try {
    await Promise.all([work(), work(), work(), work()]);
  } finally {
    progress.end();
  }
  return prints;
}

/** Null for a photo that cannot be decoded, which validation reports. */
async function readPrint(path: string): Promise<PhotoPrint | null> {
  try {
    return await readPhotoPrint(await readBytes(path));
  } catch (error) {
    if (!isMainstemError(error)) throw error;
    return null;
  }
}

/** Names of a column of series, the first that is free. */
const columnNames = ['series', 'look-alikes', 'init-series'];

/** A proposal to keep series together. */
export interface SeriesProposal {
  readonly column: string;
  readonly metadata: Csv;
}

/** Adds a column to metadata that names each series after its first photo; photos of none are empty there. */
export function proposeSeries(
  series: Series,
  photos: readonly TakenFile[],
  metadata: Csv | null,
): SeriesProposal {
  const { columns, rows }: Csv = metadata ?? { columns: ['file'], rows: [] };
  const column = columnNames.find((name) => !columns.includes(name)) ?? 'series of init';
  const names = new Map(series.flatMap((set) => set.map(({ to }) => [to, set[0]?.to ?? to])));
  const described = new Set(rows.map(({ file }) => file));
  const missing = photos.filter(({ to }) => !described.has(to)).map(({ to }) => ({ file: to }));
  const all: Csv['rows'] = [...rows, ...missing];
  return {
    column,
    metadata: {
      columns: [...columns, column],
      rows: all.map((row) => ({ ...row, [column]: names.get(row.file ?? '') ?? '' })),
    },
  };
}

/** What a person should know about series; `proposal` is null where metadata decides on groups already. */
export function seriesNotes(series: Series, column: string | null): string[] {
  const [first] = series;
  if (!first) return [];
  const photos = plural(series.flat().length, 'photo');
  const example = first.slice(0, 2).map(({ from }) => from);
  const classes = series.filter((set) => new Set(set.map(classOf)).size > 1);
  const [mixed] = classes;
  const found = `${photos} look almost like others (${series.length === 1 ? 'one series' : `${series.length} series`}, for example ${example.join(' = ')})`;
  return [
    column === null
      ? `${found}: see that each series has one value in the column that split.group names.`
      : `${found}: the column "${column}" of metadata.csv keeps each series in one split. Remove group: '${column}' from project.ts to deal photos one by one.`,
    ...(mixed
      ? [
          `In ${classes.length} of the series, photos have different classes, for example ${mixed
            .slice(0, 2)
            .map(({ to }) => to)
            .join(' = ')}: is one of the labels wrong?`,
        ]
      : []),
  ];
}

function classOf({ to }: TakenFile): string {
  return to.split('/').at(-2) ?? '';
}

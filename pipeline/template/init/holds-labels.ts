import { open } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { type Csv, parseCsv } from '../../../platform/lib/csv.ts';
import { isMainstemError } from '../../../platform/lib/errors.ts';
import { listFiles } from '../../../platform/lib/files.ts';
import type { Task } from '../../../platform/schemas/index.ts';
import { hasPhotoName } from './has-photo-name.ts';
import { indexPhotos, matchPhotos } from './labels/match-photos.ts';

/** A file to make a project from, and what a person says about it. */
export interface GivenFile {
  readonly from: string;
  readonly photos?: string;
  readonly task?: Task;
}

/**
 * Whether a file holds labels of photos; otherwise it is a table. A CSV file does if most of its rows name a photo that
 * lies beside it.
 */
export async function holdsLabels({ from, photos, task }: GivenFile): Promise<boolean> {
  if (task !== undefined) return task === 'image-classification';
  if (photos !== undefined) return true;
  const end = extname(from).toLowerCase();
  if (end !== '.csv') return end === '.json' || end === '.xml';
  const { rows } = await readHead(from);
  const names = rows.map((row) => Object.values(row).filter(hasPhotoName));
  const named = names.filter(({ length }) => length > 0);
  if (named.length <= rows.length / 2) return false;
  const index = indexPhotos((await listFiles(dirname(from))).filter(hasPhotoName));
  const present = named.filter((cells) =>
    cells.some((cell) => matchPhotos(index, cell).length > 0),
  );
  return present.length > rows.length / 2;
}

/** Enough to see what its columns hold. */
const headBytes = 64 * 1024;

/** The first rows of a table; none where it cannot be read, which whoever reads the whole of it reports. */
async function readHead(path: string): Promise<Csv> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes);
    const end = bytesRead < headBytes ? bytesRead : buffer.lastIndexOf('\n') + 1;
    return parseCsv(buffer.subarray(0, end), path);
  } catch (error) {
    if (!isMainstemError(error, 'DATA_INVALID')) throw error;
    return { columns: [], rows: [] };
  } finally {
    await file.close();
  }
}

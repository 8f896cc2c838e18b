import { open } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { type Csv, parseCsv } from '../../../platform/lib/csv.ts';
import { isMainstemError } from '../../../platform/lib/errors.ts';
import type { Task } from '../../../platform/schemas/index.ts';
import { parseNumber } from '../../../platform/transforms/index.ts';
import { hasPhotoName } from './has-photo-name.ts';
import { indexPhotos, meansPhoto } from './labels/match-photos.ts';
import { photosBeside } from './photos-beside.ts';

/** A file to make a project from, and what a person says about it. */
export interface GivenFile {
  readonly from: string;
  readonly photos?: string;
  readonly task?: Task;
}

/**
 * Whether a file holds labels of photos; otherwise it is a table. A CSV file does if most of its rows name a photo that
 * lies beside it, or if it says nothing but the name of a photo and one thing more, from which no table could be learnt.
 */
export async function holdsLabels({ from, photos, task }: GivenFile): Promise<boolean> {
  if (task !== undefined) return task === 'image-classification';
  if (photos !== undefined) return true;
  const end = extname(from).toLowerCase();
  if (end !== '.csv') return end === '.json' || end === '.xml';
  const { columns, rows } = await readHead(from);
  const isMost = (count: number) => count > rows.length / 2;
  const named = rows.filter((row) => Object.values(row).some(hasPhotoName));
  if (isMost(named.length) && columns.length === 2) return true;
  const wordsOf = (row: Csv['rows'][number]) => Object.values(row).filter(isWord);
  // Only names can be those of photos: most tables need no look at what lies beside them.
  if (!isMost(named.length) && !isMost(new Set(rows.flatMap(wordsOf)).size)) return false;
  const index = indexPhotos(await photosBeside(dirname(from)));
  const naming = rows.filter((row) => Object.values(row).some((cell) => meansPhoto(index, cell)));
  const isPresent = (cell: string) => hasPhotoName(cell) && meansPhoto(index, cell);
  if (isMost(naming.filter((row) => Object.values(row).some(isPresent)).length)) return true;
  const stems = naming.flatMap((row) => wordsOf(row).filter((cell) => meansPhoto(index, cell)));
  return isMost(new Set(stems).size);
}

/** A number may happen to be the name of a photo without its extension, and so may a word that stands in many rows. */
function isWord(cell: string): boolean {
  return cell.trim() !== '' && parseNumber(cell) === null;
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

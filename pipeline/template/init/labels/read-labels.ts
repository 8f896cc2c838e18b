import { join, posix } from 'node:path';
import { assertCommas } from '../../../../platform/lib/assert-commas.ts';
import { isMainstemError, MainstemError } from '../../../../platform/lib/errors.ts';
import { readBytes } from '../../../../platform/lib/read-text.ts';
import { hasPhotoName } from '../has-photo-name.ts';
import { openLabelFile } from './label-file.ts';
import type { LabelContext, LabelFormat, LabelledPhoto } from './label-format.ts';
import { labelExtensions, labelFormats } from './label-formats.ts';
import { indexPhotos, meansPhoto, type PhotoIndex } from './match-photos.ts';

/** What a file says about photos. */
export interface Labels {
  /** The file, as messages call it. */
  readonly path: string;
  readonly format: LabelFormat;
  readonly photos: readonly LabelledPhoto[];
  readonly index: PhotoIndex;
}

/** Where labels may be, and the photos that they are about. */
export interface LabelSearch {
  /** Absolute. */
  readonly folder: string;
  /** Paths relative to the folder. */
  readonly files: readonly string[];
  /** Photos, relative to a folder of their own. */
  readonly photos: readonly string[];
  /** The column or question that holds the label, where a person has named it. */
  readonly label: string | undefined;
  /** Whether the photos are in class folders, so that a table with numbers is not about them. */
  readonly inFolders: boolean;
}

/**
 * Reads the labels in a file that a person has named.
 *
 * @throws MainstemError INIT_SEPARATOR, INIT_LABELS_UNKNOWN where no format fits, and what formats throw
 */
export async function readLabels(
  path: string,
  photos: readonly string[],
  label: string | undefined,
): Promise<Labels> {
  const index = indexPhotos(photos);
  const isPhoto = (reference: string) => hasPhotoName(reference) || meansPhoto(index, reference);
  const found = await readAs(path, index, { label, isPhoto });
  if (found) return found;
  if (posix.extname(path).toLowerCase() === '.csv') assertCommas(await readBytes(path), path);
  throw new MainstemError('INIT_LABELS_UNKNOWN', { from: path });
}

/**
 * Looks for the one file in a folder that labels its photos; null without such a file.
 *
 * @throws MainstemError INIT_LABELS_AMBIGUOUS where there are several, and what formats throw
 */
export async function findLabels(search: LabelSearch): Promise<Labels | null> {
  const { folder, files, photos, label, inFolders } = search;
  const index = indexPhotos(photos);
  const isPhoto = (reference: string) =>
    hasPhotoName(reference) || (!inFolders && meansPhoto(index, reference));
  const found: Labels[] = [];
  for (const file of candidates(files, photos)) {
    const labels = await readAs(join(folder, file), index, { label, isPhoto });
    if (labels?.photos.some(({ reference }) => meansPhoto(index, reference))) {
      found.push(labels);
    }
  }
  const [only = null, ...more] = found;
  if (more.length === 0) return only;
  const ways = found.map(({ path }) => posix.relative(folder, path)).join(', ');
  throw new MainstemError('INIT_LABELS_AMBIGUOUS', { from: folder, ways });
}

/** Files that may hold the labels of many photos; one that is called like a photo is about that photo only. */
function candidates(files: readonly string[], photos: readonly string[]): string[] {
  const stems = new Set(photos.map(stemOf));
  return files
    .filter((path) => labelExtensions.has(posix.extname(path).toLowerCase()))
    .filter((path) => !stems.has(stemOf(path)) && !photos.includes(path.replace(/\.\w+$/, '')));
}

function stemOf(path: string): string {
  return path.slice(0, path.length - posix.extname(path).length);
}

async function readAs(
  path: string,
  index: PhotoIndex,
  context: LabelContext,
): Promise<Labels | null> {
  const file = openLabelFile(path, await readBytes(path));
  for (const format of formatsOf(path)) {
    const photos = format.read(file, context);
    if (photos) return { path, format, photos, index };
  }
  return null;
}

function formatsOf(path: string): readonly LabelFormat[] {
  const end = posix.extname(path).toLowerCase();
  return labelFormats.filter(({ extension }) => extension === end);
}

/** Whether an error only says that a file could not be read as labels, which it may never have been meant for. */
export function isUnreadableLabels(error: unknown): boolean {
  return isMainstemError(error) && unreadable.has(error.code);
}

const unreadable: ReadonlySet<string> = new Set([
  ...['INIT_LABELS_INVALID', 'JSON_INVALID', 'DATA_INVALID', 'MERGE_CONFLICT'],
]);

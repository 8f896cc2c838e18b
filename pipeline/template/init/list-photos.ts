import { dirname, join, relative, sep } from 'node:path';
import { type Csv, parseCsv } from '../../../platform/lib/csv.ts';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { listFiles } from '../../../platform/lib/files.ts';
import { readBytes } from '../../../platform/lib/read-text.ts';
import { metadataFile } from '../../../platform/schemas/index.ts';
import { hasPhotoName } from './has-photo-name.ts';
import { withFreeNames } from './heic/with-free-names.ts';
import { findLabels, isUnreadableLabels, type Labels, readLabels } from './labels/read-labels.ts';
import { sortPhotos } from './labels/sort-photos.ts';

/** Where photos and their labels are. */
export interface PhotoSource {
  /** Absolute: a folder, or a file that holds labels. */
  readonly from: string;
  /** Whether it is a file. */
  readonly isFile: boolean;
  /** Absolute: the folder of the photos. @default `from`, or its folder */
  readonly photos?: string;
  /** The column or question that holds the labels. */
  readonly label?: string;
}

/** A file, and its place in a folder of classes. */
export interface TakenFile {
  /** Relative to the folder of photos, with `/`. */
  readonly from: string;
  /** `<class>/<photo>`, perhaps with folders above. */
  readonly to: string;
  /** Absolute: what is taken instead of the file itself. */
  readonly bytes?: string;
}

/** The photos that a project can be made from. */
export interface ListedPhotos {
  /** Where they are, absolute. */
  readonly folder: string;
  /** Every file there, relative to it. */
  readonly all: readonly string[];
  readonly photos: readonly TakenFile[];
  /** Whether labels in a file decide on the class folders. */
  readonly sorted: boolean;
  /** Whether the photos cannot be used where they are, because they have to be sorted or converted. */
  readonly moved: boolean;
  /** Files that are neither photos nor their labels. */
  readonly others: readonly string[];
  readonly metadata: Csv | null;
  readonly labelNotes: readonly string[];
}

/**
 * Lists the photos with their classes, which are the labels in a file, where there is one, otherwise the folders.
 *
 * @throws MainstemError INIT_LABELS_AMBIGUOUS where both are there and do not agree; INIT_LABELS_INVALID, INIT_LABELS_SEVERAL,
 *   JSON_INVALID, DATA_INVALID
 */
export async function listPhotos(source: PhotoSource): Promise<ListedPhotos> {
  const { from, isFile, label } = source;
  const folder = source.photos ?? (isFile ? dirname(from) : from);
  const all = await listFiles(folder);
  const photos = all.filter(hasPhotoName);
  const found: Found = { folder, all, photos };
  if (isFile) return withLabels(found, await readLabels(from, photos, label));
  const labels = await lookForLabels(source, found);
  if (labels === null) return inClassFolders(found);
  const sorted = withLabels(found, labels);
  if (source.photos !== undefined || !hasClassFolders(photos)) return sorted;
  if (sorted.photos.every((one) => classOf(one.from) === classOf(one.to))) {
    return inClassFolders(found);
  }
  const ways = `${relative(from, labels.path)}, and the folders that the photos are in`;
  throw new MainstemError('INIT_LABELS_AMBIGUOUS', { from: folder, ways });
}

type Found = Pick<ListedPhotos, 'folder' | 'all'> & { readonly photos: readonly string[] };

/** The file with labels in a folder. Where there are class folders, one that cannot be read was not meant. */
async function lookForLabels(
  { from, label }: PhotoSource,
  { folder, all, photos }: Found,
): Promise<Labels | null> {
  const inFolders = hasClassFolders(photos);
  const files = (from === folder ? all : await listFiles(from)).filter(
    (path) => path !== metadataFile || !inFolders,
  );
  try {
    const found = await findLabels({ folder: from, files, photos, label, inFolders });
    if (found || (label === undefined && from === folder)) return found;
  } catch (error) {
    if (!inFolders || !isUnreadableLabels(error)) throw error;
    return null;
  }
  throw new MainstemError('INIT_LABELS_UNKNOWN', { from });
}

function withLabels({ folder, all, photos }: Found, labels: Labels): ListedPhotos {
  const sorted = sortPhotos(folder, photos, labels);
  const known = new Set([...photos, relative(folder, labels.path).replaceAll(sep, '/')]);
  const others = all.filter((path) => !known.has(path));
  return { folder, all, ...sorted, sorted: true, moved: true, others };
}

async function inClassFolders({ folder, all, photos }: Found): Promise<ListedPhotos> {
  const inFolders = photos.filter((path) => path.includes('/'));
  const described = all.includes(metadataFile);
  const known = new Set(described ? [...inFolders, metadataFile] : inFolders);
  const path = join(folder, metadataFile);
  const copies = withFreeNames(inFolders.map((photo) => ({ from: photo, to: photo })));
  return {
    ...{ folder, all, sorted: false, labelNotes: [] },
    photos: copies,
    moved: copies.some(({ from, to }) => to !== from),
    others: all.filter((file) => !known.has(file)),
    metadata: described ? parseCsv(await readBytes(path), path) : null,
  };
}

function hasClassFolders(photos: readonly string[]): boolean {
  return new Set(photos.filter((path) => path.includes('/')).map(classOf)).size > 1;
}

function classOf(path: string): string {
  return path.split('/').at(-2) ?? '';
}

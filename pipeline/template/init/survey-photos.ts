import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import type { Csv } from '../../../platform/lib/csv.ts';
import { isMainstemError, MainstemError } from '../../../platform/lib/errors.ts';
import { evenly } from '../../../platform/lib/evenly.ts';
import { isHiddenName } from '../../../platform/lib/hidden-name.ts';
import { isLfsPointer } from '../../../platform/lib/lfs-pointer.ts';
import { plural } from '../../../platform/lib/plural.ts';
import { readBytes } from '../../../platform/lib/read-text.ts';
import { renderBytes, shorten } from '../../../platform/lib/text.ts';
import type { Workspace } from '../../../platform/schemas/index.ts';
import { assertNoTwins } from '../../../platform/storage/index.ts';
import {
  countFrames,
  hasImageName,
  type ImageProperties,
  imageFormat,
  maximumBytes,
  measureImage,
  readableNames,
} from '../../../platform/transforms/index.ts';
import { assertDistinctClasses } from './assert-distinct-classes.ts';
import { hasPhotoName } from './has-photo-name.ts';
import { convertPhotos } from './heic/convert-photos.ts';
import { isInside } from './is-inside.ts';
import { labelExtensions } from './labels/label-formats.ts';
import { readLabels } from './labels/read-labels.ts';
import { type ListedPhotos, listPhotos, type PhotoSource, type TakenFile } from './list-photos.ts';
import { photoColumns } from './photo-columns.ts';
import { findSeries, proposeSeries, seriesNotes } from './propose-series.ts';

/** What a folder of photos holds. */
export interface PhotoSurvey {
  readonly kind: 'photos';
  /** Class → photos, sorted by name. */
  readonly classes: ReadonlyMap<string, number>;
  readonly photos: number;
  /** Where the photos are, absolute. */
  readonly folder: string;
  /** The photos, each with its place in a class folder. */
  readonly taken: readonly TakenFile[];
  /** Whether labels in a file decide on the class folders. */
  readonly sorted: boolean;
  /** Whether the photos cannot be used where they are. */
  readonly moved: boolean;
  /** Files that are neither photos nor their labels. */
  readonly others: readonly string[];
  /** Which labels were taken, what was left out, and what was converted. */
  readonly labelNotes: readonly string[];
  /** Properties of some of the photos, from all over the folder. */
  readonly sample: readonly ImageProperties[];
  /** The photos among those looked at that cannot be decoded. */
  readonly undecoded: readonly Undecoded[];
  /** The photos among those looked at that hold several pictures: an animation, or pages. */
  readonly animated: readonly string[];
  /** Folder above the class folders, '' for the folder itself → photos. */
  readonly places: ReadonlyMap<string, number>;
  /** Folders that other programs keep for themselves, and that are left out. */
  readonly vendorFolders: readonly string[];
  /** Photos whose names begin with a dot; a Mac's notes beside photos are none. */
  readonly hiddenPhotos: readonly string[];
  /** Symbolic links, which are not followed. */
  readonly links: readonly string[];
  /** Pipes, sockets and devices. */
  readonly specials: readonly string[];
  /** Folders that hold nothing at all. */
  readonly emptyFolders: readonly string[];
  readonly metadata: Csv | null;
  /** The column of metadata that keeps photos that look almost the same in one split; null without such photos. */
  readonly seriesColumn: string | null;
  /** Which photos look almost the same, for a person. */
  readonly seriesNotes: readonly string[];
}

/** A photo that cannot be decoded, and why. */
export interface Undecoded {
  readonly path: string;
  readonly reason: string;
}

/** So many photos are measured: enough to know what most are like, quick even for large folders. */
const sampleSize = 200;

/**
 * Looks at photos: in class folders, of which those above do not matter, or with labels in a file. Folders that other
 * programs keep for themselves are left out.
 *
 * @param source its `scratch` is a folder for converted photos
 *
 * @throws MainstemError INIT_NO_PHOTOS, INIT_ONE_CLASS, INIT_CLASSES_ALIKE, DATA_INVALID, DATA_NAMES_ALIKE, and what listing throws
 */
export async function surveyPhotos(
  workspace: Workspace,
  { scratch, ...source }: PhotoSource & { readonly scratch: string },
): Promise<PhotoSurvey> {
  const { from } = source;
  const listed = await listPhotos(source);
  const { folder } = listed;
  const { photos, notes, converted } = await convertPhotos(workspace, listed, scratch);
  const leftOut = await findLeftOut(folder);
  if (photos.length === 0) throw await noPhotos(folder, listed.all, leftOut);
  const classes = countClasses(photos.map(({ to }) => to));
  const [only] = classes.keys();
  if (classes.size < 2) throw new MainstemError('INIT_ONE_CLASS', { from, class: only });
  assertDistinctClasses(from, classes.keys());
  const { sample, undecoded, animated } = await measureSample(workspace, folder, photos);
  const [first] = undecoded;
  if (sample.length === 0 && first) throw noneDecoded(folder, undecoded.length, first);
  const moved = listed.moved || converted;
  const staying = !moved && isInside(workspace.root, folder);
  assertNoTwins(from, staying ? listed.all : photos.map(({ to }) => to).sort());
  const series = await groupSeries(workspace, { ...listed, photos, moved });
  return {
    kind: 'photos',
    ...listed,
    ...{ classes, photos: photos.length, taken: photos },
    moved,
    metadata: series.metadata,
    seriesColumn: series.column,
    labelNotes: [...listed.labelNotes, ...notes],
    seriesNotes: series.notes,
    ...{ sample, undecoded, animated },
    places: countPlaces(photos.map(({ to }) => to)),
    ...leftOut,
  };
}

/** Proposes a group for series of photos, unless metadata has one, or is a file that must not be changed. */
async function groupSeries(
  workspace: Workspace,
  {
    folder,
    photos,
    metadata,
    moved,
  }: Pick<ListedPhotos, 'folder' | 'photos' | 'metadata' | 'moved'>,
) {
  const series = await findSeries(workspace, folder, photos);
  const decided = photoColumns({ metadata, photos: photos.length }).groups.length > 0;
  const kept = metadata !== null && !moved && isInside(workspace.root, folder);
  if (series.length === 0 || decided || kept) {
    return { metadata, column: null, notes: seriesNotes(series, null) };
  }
  const proposal = proposeSeries(series, photos, metadata);
  return { ...proposal, notes: seriesNotes(series, proposal.column) };
}

async function noPhotos(
  folder: string,
  all: readonly string[],
  { links }: Pick<PhotoSurvey, 'links'>,
): Promise<MainstemError> {
  const loose = all.filter((path) => hasImageName(path.trimEnd())).length;
  const reason =
    loose > 0
      ? `its ${loose} photos are not in a class folder`
      : `none of its ${all.length} files is a ${readableNames}`;
  const file = all.find((path) => labelExtensions.has(extname(path).toLowerCase()));
  const labels = file && loose > 0 ? `, and ${file} ${await explainLabels(folder, file, all)}` : '';
  const more = links.length > 0 ? `, and ${plural(links.length, 'link')} not followed` : '';
  const whole = `${reason}${labels}${more}`;
  return new MainstemError('INIT_NO_PHOTOS', { from: folder, reason: whole });
}

/** Why a file that may hold labels was not taken for one. */
async function explainLabels(
  folder: string,
  file: string,
  all: readonly string[],
): Promise<string> {
  try {
    const { photos, format } = await readLabels(
      join(folder, file),
      all.filter(hasPhotoName),
      undefined,
    );
    const [first] = photos;
    const example = first ? `, but for example ${shorten(first.reference)}` : '';
    return `(${format.name}) names none of them${example}`;
  } catch (error) {
    if (!isMainstemError(error)) throw error;
    return error.code === 'INIT_LABELS_UNKNOWN'
      ? 'is in none of the formats of labels that are read'
      : 'cannot be read as labels';
  }
}

function noneDecoded(folder: string, looked: number, first: Undecoded): MainstemError {
  const photos = looked === 1 ? 'its photo cannot' : `none of the ${looked} photos looked at can`;
  const reason = `${photos} be decoded, for example ${first.path}: ${first.reason}`;
  return new MainstemError('INIT_NO_PHOTOS', { from: folder, reason });
}

function countClasses(photos: readonly string[]): Map<string, number> {
  const names = photos.map((path) => path.split('/').at(-2) ?? '').sort();
  const groups = Map.groupBy(names, (name) => name);
  return new Map([...groups].map(([name, members]) => [name, members.length]));
}

function countPlaces(photos: readonly string[]): Map<string, number> {
  const groups = Map.groupBy(photos, (path) => path.split('/').slice(0, -2).join('/'));
  return new Map([...groups].map(([place, members]) => [place, members.length]));
}

type LeftOut = 'vendorFolders' | 'hiddenPhotos' | 'links' | 'specials' | 'emptyFolders';

/** What lies in the folder and is taken for no file. */
async function findLeftOut(folder: string): Promise<Pick<PhotoSurvey, LeftOut>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const seen = entries
    .map((entry) => {
      const path = relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/');
      return { entry, path, hidden: isHiddenName(entry.name) };
    })
    .filter(({ path }) => !path.split('/').slice(0, -1).some(isHiddenName));
  const filled = new Set(seen.map(({ path }) => path.split('/').slice(0, -1).join('/')));
  const pathsOf = (wanted: (one: (typeof seen)[number]) => boolean) =>
    seen
      .filter(wanted)
      .map(({ path }) => path)
      .sort();
  return {
    vendorFolders: pathsOf(({ entry, hidden }) => hidden && entry.isDirectory()),
    hiddenPhotos: pathsOf(
      ({ entry, hidden }) => hidden && entry.isFile() && isHiddenPhoto(entry.name),
    ),
    links: pathsOf(({ entry, hidden }) => !hidden && entry.isSymbolicLink()),
    specials: pathsOf(({ entry, hidden }) => !hidden && isSpecial(entry)),
    emptyFolders: pathsOf(
      ({ entry, hidden, path }) => !hidden && entry.isDirectory() && !filled.has(path),
    ),
  };
}

/** `._1.jpg` is what macOS keeps beside a photo on volumes that are not its own. */
function isHiddenPhoto(name: string): boolean {
  return hasPhotoName(name) && !name.startsWith('._');
}

function isSpecial(entry: Dirent): boolean {
  return !(entry.isFile() || entry.isDirectory() || entry.isSymbolicLink());
}

interface Sample {
  readonly sample: ImageProperties[];
  readonly undecoded: Undecoded[];
  readonly animated: string[];
}

async function measureSample(
  { reporter, signal }: Workspace,
  folder: string,
  photos: readonly TakenFile[],
): Promise<Sample> {
  const chosen = evenly(photos, sampleSize);
  const progress = reporter.progress('Looking at', chosen.length, 'photos');
  const found: Sample = { sample: [], undecoded: [], animated: [] };
  try {
    for (const [index, { from: path, bytes: instead }] of chosen.entries()) {
      signal.throwIfAborted();
      progress.update(index + 1);
      const place = instead ?? join(folder, path);
      if ((await stat(place)).size > maximumBytes) {
        found.undecoded.push({ path, reason: `it has more than ${renderBytes(maximumBytes)}` });
        continue;
      }
      const bytes = await readBytes(place);
      try {
        found.sample.push(await measureImage(bytes));
        if ((await countFrames(bytes)) > 1) found.animated.push(path);
      } catch (error) {
        // Validation reports every such photo; here it is left out of the statistics.
        found.undecoded.push({ path, reason: reasonOf(error, bytes) });
      }
    }
  } finally {
    progress.end();
  }
  return found;
}

function reasonOf(error: unknown, bytes: Uint8Array): string {
  const format = imageFormat(bytes);
  if (bytes.length === 0) return 'it is empty';
  if (isLfsPointer(bytes)) return 'it is a pointer of Git LFS ("git lfs pull" fetches the photo)';
  if (!format) return `it is not a ${readableNames}`;
  if (!format.readable) return `it is ${format.label}, whatever its name says`;
  if (!isMainstemError(error)) throw error;
  // The decoder's own words say nothing to a person.
  if (error.code === 'IMAGE_UNREADABLE') return 'it is damaged or incomplete';
  const { reason } = error.details;
  return typeof reason === 'string' ? reason : error.message.replace(/\.$/, '');
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Csv, parseCsv } from '../../../platform/lib/csv.ts';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { evenly } from '../../../platform/lib/evenly.ts';
import { listFiles } from '../../../platform/lib/files.ts';
import { metadataFile, type Workspace } from '../../../platform/schemas/index.ts';
import {
  hasImageName,
  type ImageProperties,
  measureImage,
  readableNames,
} from '../../../platform/transforms/index.ts';

/** What a folder of photos holds. */
export interface PhotoSurvey {
  readonly kind: 'photos';
  /** Class → photos, sorted by name. */
  readonly classes: ReadonlyMap<string, number>;
  readonly photos: number;
  /** Files to take along, relative to the folder: photos in class folders and `metadata.csv`. */
  readonly files: readonly string[];
  /** Files that are not photos in a class folder. */
  readonly others: readonly string[];
  /** Properties of some of the photos, from all over the folder. */
  readonly sample: readonly ImageProperties[];
  readonly metadata: Csv | null;
}

/** So many photos are measured: enough to know what most are like, quick even for large folders. */
const sampleSize = 200;

/**
 * Looks at a folder of `<class>/<photo>`; folders above the class's do not matter.
 *
 * @throws MainstemError INIT_NO_PHOTOS, INIT_ONE_CLASS, DATA_INVALID
 */
export async function surveyPhotos(workspace: Workspace, folder: string): Promise<PhotoSurvey> {
  const all = await listFiles(folder);
  const photos = all.filter((path) => path.includes('/') && hasImageName(path));
  const described = all.includes(metadataFile);
  const files = described ? [...photos, metadataFile] : photos;
  const taken = new Set(files);
  if (photos.length === 0) throw noPhotos(folder, all);
  const classes = countClasses(photos);
  const [only] = classes.keys();
  if (classes.size < 2) throw new MainstemError('INIT_ONE_CLASS', { from: folder, class: only });
  const path = join(folder, metadataFile);
  return {
    kind: 'photos',
    classes,
    photos: photos.length,
    files,
    others: all.filter((path) => !taken.has(path)),
    sample: await measureSample(workspace, folder, photos),
    metadata: described ? parseCsv(await readFile(path), path) : null,
  };
}

function noPhotos(folder: string, all: readonly string[]): MainstemError {
  const loose = all.filter((path) => hasImageName(path)).length;
  const reason =
    loose > 0
      ? `its ${loose} photos are not in a class folder`
      : `none of its ${all.length} files is a ${readableNames}`;
  return new MainstemError('INIT_NO_PHOTOS', { from: folder, reason });
}

function countClasses(photos: readonly string[]): Map<string, number> {
  const names = photos.map((path) => path.split('/').at(-2) ?? '').sort();
  const groups = Map.groupBy(names, (name) => name);
  return new Map([...groups].map(([name, members]) => [name, members.length]));
}

async function measureSample(
  { reporter, signal }: Workspace,
  folder: string,
  photos: readonly string[],
): Promise<ImageProperties[]> {
  const chosen = evenly(photos, sampleSize);
  const progress = reporter.progress('Looking at', chosen.length, 'photos');
  const sample: ImageProperties[] = [];
  try {
    for (const [index, path] of chosen.entries()) {
      signal.throwIfAborted();
      // Validation reports a photo that cannot be read; here it is left out of the statistics.
      const measured = await measureImage(await readFile(join(folder, path))).catch(() => null);
      if (measured) sample.push(measured);
      progress.update(index + 1);
    }
  } finally {
    progress.end();
  }
  return sample;
}

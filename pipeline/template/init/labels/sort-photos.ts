import { posix } from 'node:path';
import type { Csv } from '../../../../platform/lib/csv.ts';
import { MainstemError } from '../../../../platform/lib/errors.ts';
import { findNameFault, findPortabilityFault } from '../../../../platform/lib/file-names.ts';
import { isHiddenName } from '../../../../platform/lib/hidden-name.ts';
import { plural } from '../../../../platform/lib/plural.ts';
import { withFreeNames } from '../heic/with-free-names.ts';
import type { LabelledPhoto } from './label-format.ts';
import { matchPhotos } from './match-photos.ts';
import type { Labels } from './read-labels.ts';

/** Photos sorted into class folders. */
export interface SortedPhotos {
  /** From where in the folder of photos to where in the folder of classes. */
  readonly photos: readonly { readonly from: string; readonly to: string }[];
  /** What else is known about them, by their new paths; null where nothing is. */
  readonly metadata: Csv | null;
  /** What was left out, for a person. */
  readonly labelNotes: readonly string[];
}

/**
 * Sorts photos into a folder per label: `train/1.jpg` with the label `cat` goes to `train/cat/1.jpg`.
 *
 * @param from the folder of photos, absolute. @param photos their paths in it.
 * @throws MainstemError INIT_LABELS_NO_PHOTO, INIT_LABELS_NONE, INIT_LABELS_SEVERAL, INIT_LABELS_UNCLEAR, INIT_LABEL_INVALID
 */
export function sortPhotos(from: string, photos: readonly string[], labels: Labels): SortedPhotos {
  const { found, lost, cased } = match(labels);
  if (found.size === 0) throw noPhotoFound(from, lost, labels);
  assertOneLabel(found, labels.path);
  const one = [...found].flatMap(
    ([
      path,
      {
        labels: [label],
        columns,
      },
    ]) => (label === undefined ? [] : [{ path, label, columns }]),
  );
  if (one.length === 0) throw noneLabelled(found.size, labels);
  assertFolderNames(new Set(one.map(({ label }) => label)), labels.path);
  const above = commonFolder(one.map(({ path }) => path));
  const sorted = withFreeNames(
    one.map(({ path, label, columns }) => {
      const [name = '', ...folders] = path.slice(above.length).split('/').reverse();
      return { from: path, to: [...folders.reverse(), label, name].join('/'), columns };
    }),
  );
  const taken = new Set(one.map(({ path }) => path));
  return {
    photos: sorted.map(({ from: path, to }) => ({ from: path, to })),
    metadata: metadataOf(sorted, labels.path),
    labelNotes: notesOf(labels, {
      found,
      unlabelled: photos.filter((path) => !taken.has(path)),
      ...{ lost, cased },
    }),
  };
}

interface Said {
  readonly labels: Set<string>;
  /** Column → its values, several where the photo is there several times. */
  readonly columns: Map<string, Set<string>>;
}

/** What is said about each photo, the references that mean none, and the photos that are named in other cases. */
function match({ photos, index, path: from }: Labels) {
  const found = new Map<string, Said>();
  const lost: LabelledPhoto[] = [];
  const cased = new Map<string, string>();
  for (const photo of photos) {
    const { paths, otherCase } = matchPhotos(index, photo.reference);
    const [path, ...more] = paths;
    if (path === undefined) lost.push(photo);
    else if (more.length > 0) throw unclear(from, photo.reference, paths);
    else {
      if (otherCase) cased.set(path, photo.reference);
      const said: Said = found.get(path) ?? { labels: new Set(), columns: new Map() };
      for (const label of photo.labels) if (label.trim() !== '') said.labels.add(label.trim());
      for (const [name, value] of Object.entries(photo.columns)) {
        said.columns.set(name, (said.columns.get(name) ?? new Set()).add(value));
      }
      found.set(path, said);
    }
  }
  return { found, lost, cased };
}

function unclear(from: string, reference: string, paths: readonly string[]): MainstemError {
  const shown = paths.slice(0, 3).join(', ');
  return new MainstemError('INIT_LABELS_UNCLEAR', { from, reference, paths: shown });
}

function noPhotoFound(
  from: string,
  [first]: readonly LabelledPhoto[],
  { path, photos }: Labels,
): MainstemError {
  const count = plural(photos.length, 'photo');
  const example = first ? `, for example ${first.reference}` : '';
  return new MainstemError('INIT_LABELS_NO_PHOTO', { from: path, count, folder: from, example });
}

function noneLabelled(found: number, { path, format }: Labels): MainstemError {
  const facts = { from: path, format: format.name, count: plural(found, 'photo') };
  return new MainstemError('INIT_LABELS_NONE', facts);
}

/** So many photos are shown in a message. */
const shown = 5;

function assertOneLabel(found: ReadonlyMap<string, Said>, from: string): void {
  const several = [...found].filter(([, { labels }]) => labels.size > 1);
  if (several.length === 0) return;
  const lines = several
    .slice(0, shown)
    .map(([path, { labels }]) => `\n  ${path}: ${[...labels].join(', ')}`);
  const more = several.length > shown ? `\n  and ${several.length - shown} more` : '';
  const summary = `${lines.join('')}${more}`;
  const count = several.length === 1 ? '1 photo has' : `${several.length} photos have`;
  throw new MainstemError('INIT_LABELS_SEVERAL', { from, count, summary });
}

/** A label becomes a folder, on every machine. */
function assertFolderNames(labels: Iterable<string>, from: string): void {
  for (const label of labels) {
    const reason = folderFault(label);
    if (reason) throw new MainstemError('INIT_LABEL_INVALID', { from, label, reason });
  }
}

function folderFault(label: string): string | undefined {
  if (label.includes('/')) return 'has /';
  if (isHiddenName(label)) return 'is hidden, or one that other programs use';
  return findPortabilityFault(label) ?? findNameFault(label);
}

/** The folders that all paths begin with, with a slash at the end. */
function commonFolder(paths: readonly string[]): string {
  const [first = '', ...others] = paths;
  let folder = first.slice(0, first.lastIndexOf('/') + 1);
  while (!others.every((path) => path.startsWith(folder))) {
    folder = folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1);
  }
  return folder;
}

type Sorted = SortedPhotos['photos'][number] & Pick<Said, 'columns'>;

function metadataOf(sorted: readonly Sorted[], from: string): Csv | null {
  const names = [...new Set(sorted.flatMap(({ columns }) => [...columns.keys()]))];
  if (names.length === 0) return null;
  if (names.includes('file')) {
    const reason = 'its column "file" does not name the photos; give it another name';
    throw new MainstemError('INIT_LABELS_INVALID', { from, format: 'labels', reason });
  }
  const rows = sorted.map(({ to, columns }) => ({
    file: to,
    ...Object.fromEntries(names.map((name) => [name, [...(columns.get(name) ?? [])].join('; ')])),
  }));
  return { columns: ['file', ...names], rows };
}

interface Outcome {
  readonly found: ReadonlyMap<string, Said>;
  /** Photos without a label. */
  readonly unlabelled: readonly string[];
  readonly lost: readonly LabelledPhoto[];
  /** Photo → how the labels call it, in other cases. */
  readonly cased: ReadonlyMap<string, string>;
}

function notesOf({ path, format }: Labels, { found, unlabelled, lost, cased }: Outcome): string[] {
  const [photo] = unlabelled;
  const [label] = lost;
  const differing = [...found].filter(([, { columns }]) =>
    [...columns.values()].some((values) => values.size > 1),
  );
  const [first] = differing;
  const [other] = cased;
  return [
    `Labels are those of ${posix.basename(path)} (${format.name}, ${plural(found.size, 'photo')}).`,
    ...(first
      ? [
          `${plural(differing.length, 'photo')} with several values in a column keeps all of them, for example ${first[0]}: ${severalOf(first[1])}.`,
        ]
      : []),
    ...(other
      ? [
          `Upper and lower case aside, the labels name ${plural(cased.size, 'photo')}, for example ${other[0]}, which they call ${other[1]}.`,
        ]
      : []),
    ...(photo === undefined
      ? []
      : [`Left out ${plural(unlabelled.length, 'photo')} without a label, for example ${photo}.`]),
    ...(label
      ? [
          `Left out ${plural(lost.length, 'label')} without a photo, for example ${label.reference}.`,
        ]
      : []),
  ];
}

function severalOf({ columns }: Said): string {
  const [name, values] = [...columns].find(([, some]) => some.size > 1) ?? ['', []];
  return `${name} ${[...values].join('; ')}`;
}

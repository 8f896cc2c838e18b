import { posix } from 'node:path';
import { foldVolume } from '../../../../platform/lib/look-alikes.ts';
import { hasPhotoName } from '../has-photo-name.ts';

/** Photos by name, to find those that a file of labels refers to. */
export interface PhotoIndex {
  /** How names are compared first, and how where that finds nothing. */
  readonly literal: FoldedPhotos;
  readonly anyCase: FoldedPhotos;
}

/** Photos by their names as a fold maps them. */
interface FoldedPhotos {
  readonly fold: (name: string) => string;
  readonly byName: ReadonlyMap<string, readonly string[]>;
  /** The same without the extension. */
  readonly byStem: ReadonlyMap<string, readonly string[]>;
}

/** @param photos paths relative to one folder, with `/`. */
export function indexPhotos(photos: readonly string[]): PhotoIndex {
  return { literal: foldPhotos(photos, composed), anyCase: foldPhotos(photos, foldVolume) };
}

function foldPhotos(photos: readonly string[], fold: FoldedPhotos['fold']): FoldedPhotos {
  return {
    fold,
    byName: Map.groupBy(photos, (path) => fold(posix.basename(path))),
    byStem: Map.groupBy(photos, (path) => fold(stemOf(path))),
  };
}

/** The photos that a reference may mean: one if all is well. */
export interface PhotoMatch {
  readonly paths: readonly string[];
  /** Whether only upper and lower case say that they are not meant. */
  readonly otherCase: boolean;
}

/**
 * The photos that a reference may mean. A path fits if it ends like the photo's path or the other way round, so that
 * `train/1.jpg` never is `test/1.jpg`; of an address, and of what Label Studio makes of an uploaded file's name, only the end
 * counts. Labels that were written on Windows or macOS may have other cases than the photos have: where no photo is called
 * so, one that is called so in other cases is meant.
 *
 * @example matchPhotos(indexPhotos(['a/1.jpg', 'b/1.jpg']), 'photos/b/1.jpg').paths // ['b/1.jpg']
 * @example matchPhotos(indexPhotos(['my cat.jpg']), '/data/upload/3/0a1b2c3d-my%20cat.jpg').paths // ['my cat.jpg']
 * @example matchPhotos(indexPhotos(['img_1.jpg']), 'IMG_1.JPG') // { paths: ['img_1.jpg'], otherCase: true }
 */
export function matchPhotos(index: PhotoIndex, reference: string): PhotoMatch {
  const spellings = spellingsOf(reference);
  const literal = matchSpellings(index.literal, spellings);
  if (literal.length > 0) return { paths: literal, otherCase: false };
  const paths = matchSpellings(index.anyCase, spellings);
  return { paths, otherCase: paths.length > 0 };
}

/** Whether a reference means any photo. */
export function meansPhoto(index: PhotoIndex, reference: string): boolean {
  return matchPhotos(index, reference).paths.length > 0;
}

function matchSpellings(photos: FoldedPhotos, spellings: readonly Spelling[]): readonly string[] {
  for (const { path, loose } of spellings) {
    const found = matchPath(photos, photos.fold(path).split('/').filter(isStep), loose);
    if (found.length > 0) return found;
  }
  return [];
}

interface Spelling {
  readonly path: string;
  /** Folders need not agree. */
  readonly loose: boolean;
}

/** What a reference may mean, the most literal first. */
function spellingsOf(reference: string): Spelling[] {
  const plain = reference.trim().replaceAll('\\', '/');
  const decoded = decode(plain);
  const address = /^[a-z][a-z0-9+.-]+:\/\/|^\/?data\/(upload|local-files)\//i.test(plain);
  if (!address) return [plain, decoded].map((path) => ({ path, loose: false }));
  const local = /[?&]d=([^&]+)/.exec(plain)?.[1];
  const path = decode(local ?? plain.replace(/[?#].*$/, ''));
  // An uploaded file's name is preceded by eight digits that nobody gave it.
  const given = path.replace(/(^|\/)[0-9a-f]{8}-([^/]+)$/, '$1$2');
  return [plain, path, given].map((one) => ({ path: one, loose: true }));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone percent sign is part of a name.
    return text;
  }
}

function matchPath(photos: FoldedPhotos, steps: readonly string[], loose: boolean): string[] {
  const { fold, byName, byStem } = photos;
  const name = steps.at(-1) ?? '';
  const named = byName.get(name) ?? (hasPhotoName(name) ? [] : byStem.get(name)) ?? [];
  const rated = named
    .map((path) => ({ path, ...compare(fold(path).split('/'), steps) }))
    .filter(({ whole }) => loose || whole);
  const exact = rated.filter(({ path }) => fold(path) === steps.join('/'));
  if (exact.length > 0) return exact.map(({ path }) => path);
  const most = Math.max(...rated.map(({ shared }) => shared));
  return rated.filter(({ shared }) => shared === most).map(({ path }) => path);
}

/** How many steps two paths share at their end, and whether one of them ends like the other. */
function compare(photo: readonly string[], reference: readonly string[]) {
  const shorter = Math.min(photo.length, reference.length);
  let shared = 1;
  while (shared < shorter && photo.at(-1 - shared) === reference.at(-1 - shared)) shared += 1;
  return { shared, whole: shared === shorter };
}

function isStep(text: string): boolean {
  return text !== '' && text !== '.';
}

function stemOf(path: string): string {
  return posix.basename(path, posix.extname(path));
}

/** The same letters, composed or not, are one name. */
function composed(text: string): string {
  return text.normalize('NFC');
}

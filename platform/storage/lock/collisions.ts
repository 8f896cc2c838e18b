import { MainstemError } from '../../lib/errors.ts';
import { foldVolume, spellOut } from '../../lib/look-alikes.ts';
import { nameOnVolume, probeVolume, type Volume } from './volume.ts';

/** Two names in one folder that some volumes take for one. */
export interface Collision {
  /** Paths of both, relative to the dataset's path. */
  readonly first: string;
  readonly second: string;
}

const mayCollide = /[A-Z]|[^ -~]/;
const mayBeComposed = /[^ -~]/;

/**
 * The files and folders of a dataset that the usual volumes of macOS and Windows cannot hold side by side, since their
 * names differ only by case or by the composition of letters. What is inside two such folders is not compared.
 *
 * @param paths sorted; fast for the usual dataset, in which no name has an upper-case or an accented letter
 */
export function findCollisions(paths: readonly string[]): Collision[] {
  return paths.some((path) => mayCollide.test(path)) ? collide(paths, foldVolume) : [];
}

/**
 * Refuses to write files of which one would overwrite another.
 *
 * @param folder where they go. @param paths sorted
 * @param probe tells what the folder's volume is like; asked only if some names are alike
 * @throws MainstemError DATA_NAMES_COLLIDE
 */
export function assertVolumeHolds(
  folder: string,
  paths: readonly string[],
  probe: (folder: string) => Volume = probeVolume,
): void {
  const collisions = findCollisions(paths);
  if (collisions.length === 0) return;
  const volume = probe(folder);
  const same = collisions.filter(
    ({ first, second }) => nameOnVolume(volume, first) === nameOnVolume(volume, second),
  );
  const [example] = same;
  if (!example) return;
  const [first, second] = [example.first, example.second].map(spellOut);
  const details = { path: folder, first, second, count: same.length };
  throw new MainstemError('DATA_NAMES_COLLIDE', details);
}

/** @throws MainstemError DATA_NAMES_ALIKE for two names that nobody can tell apart */
export function assertNoTwins(dataset: string, paths: readonly string[]): void {
  if (!paths.some((path) => mayBeComposed.test(path))) return;
  const [twins] = collide(paths, (path) => path.normalize('NFC'));
  if (!twins) return;
  const [first, second] = [twins.first, twins.second].map((path) => spellOut(nameOf(path)));
  const path = [dataset, folderOf(twins.first)].filter(Boolean).join('/');
  throw new MainstemError('DATA_NAMES_ALIKE', { path, first, second });
}

function collide(paths: readonly string[], fold: (path: string) => string): Collision[] {
  const known = new Map<string, string>();
  const found: Collision[] = [];
  const add = (path: string) => {
    const folded = fold(path);
    const first = known.get(folded);
    if (first === undefined) known.set(folded, path);
    else if (first !== path && folderOf(first) === folderOf(path))
      found.push({ first, second: path });
  };
  let last = '';
  for (const path of paths) {
    const folder = folderOf(path);
    if (folder !== last) for (const above of foldersAbove(path)) add(above);
    last = folder;
    add(path);
  }
  return found;
}

/** The folders that a path is in, the highest first. */
export function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

import { rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { MainstemError } from '../../lib/errors.ts';
import type { LockedDataset, ManifestEntry } from '../../schemas/index.ts';
import { foldersAbove } from './collisions.ts';
import type { WorkingDataset } from './hash-dataset.ts';

/** A part of a path that `lock` never writes: empty, `.` or `..`, or hidden. */
const foreign = /(^|\/)(\.|\/|$)/;

/**
 * Checks names that may come from someone else's lock: none of them leads out of the dataset's folder.
 *
 * @throws MainstemError DATA_INVALID
 */
export function assertInside(dataset: string, entries: readonly ManifestEntry[]): void {
  const wrong = entries.find(({ path }) => foreign.test(path) || leavesOnWindows(path));
  if (!wrong) return;
  const reason = `the lock names ${JSON.stringify(wrong.path)}, which is not a file of a dataset`;
  throw new MainstemError('DATA_INVALID', { path: dataset, reason });
}

/** To Windows `\` is another `/`, and a drive or a colon another place. */
function leavesOnWindows(path: string): boolean {
  return process.platform === 'win32' && /[\\:]/.test(path);
}

/** Checks that a folder is not where the lock has a file, or the other way round. @throws MainstemError DATA_INVALID */
export function assertSameKind(
  { path, kind }: Pick<LockedDataset, 'path' | 'kind'>,
  working: WorkingDataset | undefined,
): void {
  if (!working || (working.kind === 'images') === (kind === 'images')) return;
  const [here, there] = kind === 'images' ? ['file', 'folder'] : ['folder', 'file'];
  const reason = `there is a ${here}, but the lock has a ${there} there; move it away`;
  throw new MainstemError('DATA_INVALID', { path, reason });
}

/**
 * What is in the place of a file to write, or of a folder that it goes into: links and special files, which writing
 * would follow or replace, and folders. Folders without anything in them are removed.
 */
export function findObstacles(
  base: string,
  { leftOut }: WorkingDataset,
  write: readonly ManifestEntry[],
): string[] {
  const found = [...leftOut.link, ...leftOut['special file']];
  const folders = leftOut['empty folder'];
  if (found.length + folders.length === 0) return [];
  const files = new Set(write.map(({ path }) => path));
  const wanted = new Set([...files, ...write.flatMap(({ path }) => foldersAbove(path))]);
  return [
    ...found.filter((path) => wanted.has(path)),
    ...folders.filter((path) => files.has(path) && !removeEmpty(join(base, path))),
  ];
}

/** Removes what {@link findObstacles} found; whoever forces a checkout has been warned. */
export function removeObstacles(base: string, obstacles: readonly string[]): void {
  for (const path of obstacles) rmSync(join(base, path), { recursive: true, force: true });
}

function removeEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

import { closeSync, openSync, readSync } from 'node:fs';
import { MainstemError } from '../../lib/errors.ts';
import { gitEntries, otherwise } from '../../lib/git.ts';
import { isLfsPointer, longestPointer } from '../../lib/lfs-pointer.ts';
import { foldersAbove } from './collisions.ts';
import { type Scan, stateLength } from './scan.ts';

/**
 * Checks that none of these files stands for another one that is elsewhere.
 *
 * @param path of the dataset
 * @param positions of the files in the scan
 * @throws MainstemError DATA_NOT_FETCHED
 */
export function assertFetched(
  { base, kind, files: { paths, states } }: Scan,
  path: string,
  positions: readonly number[],
): void {
  const small = positions.filter((at) => (states[at * stateLength] ?? 0) < longestPointer);
  const pointers = small.filter((at) => isLfsPointer(readStart(`${base}/${paths[at] ?? ''}`)));
  const [first] = pointers;
  if (first === undefined) return;
  const others = pointers.length > 1 ? ` (as ${pointers.length - 1} more)` : '';
  const files = kind === 'images' ? `${JSON.stringify(paths[first])}${others}` : 'it';
  throw new MainstemError('DATA_NOT_FETCHED', { path, files });
}

/** A file that is gone by now is named by whoever reads it. */
function readStart(path: string): Uint8Array {
  const bytes = new Uint8Array(longestPointer);
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return new Uint8Array();
  }
  try {
    return bytes.subarray(0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

/**
 * Checks that a dataset of which nothing is there is not that of a submodule that git has not checked out.
 *
 * @throws MainstemError DATA_SUBMODULE
 */
export async function assertCheckedOut(root: string, path: string): Promise<void> {
  for (const place of [...foldersAbove(path), path]) {
    const listed = await gitEntries(root, 1, 'ls-files', '-s', '-z', '--', place).catch(
      otherwise<readonly string[][]>([]),
    );
    // The mode of a submodule, its commit, a stage, a tab, the path.
    if (!listed.some(([entry = '']) => entry.startsWith('160000 ') && entry.endsWith(`\t${place}`)))
      continue;
    throw new MainstemError('DATA_SUBMODULE', { path, submodule: place });
  }
}

import { constants } from 'node:fs';
import { copyFile, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { exists } from '../../../platform/lib/files.ts';
import { makeFolder } from '../../../platform/lib/make-folder.ts';
import { writeFile } from '../../../platform/lib/write-file.ts';
import type { Workspace } from '../../../platform/schemas/index.ts';
import { isInside } from './is-inside.ts';
import type { TakenFile } from './list-photos.ts';

/** Where a project's data is, and how to remove a copy again. */
export interface PlacedData {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly copied: boolean;
  /** Removes the copy; data that was there before stays. */
  readonly undo: () => Promise<void>;
}

/** Data to place, and where a copy of it goes. */
export interface DataSource {
  /** Absolute: a folder, or a file. */
  readonly from: string;
  /** Files to copy, from their place in `from` to that in `to`; null where `from` is a file. */
  readonly files: readonly TakenFile[] | null;
  /** Text files to write beside the copied ones, by path. */
  readonly texts: Readonly<Record<string, string>>;
  /** Whether the data cannot stay where it is. */
  readonly moved: boolean;
  /** Where a copy goes, relative to the repository. */
  readonly to: string;
}

/**
 * Leaves data where it is if that is inside the repository and fits, otherwise copies it to `to`, sharing blocks
 * where the file system can. Whole or not at all.
 *
 * @throws MainstemError INIT_EXISTS where `to` is taken, INTERRUPTED
 */
export async function placeData(
  workspace: Workspace,
  { from, files, texts, moved, to }: DataSource,
): Promise<PlacedData> {
  const { root } = workspace;
  if (!moved && isInside(root, from)) {
    const undo = await addTexts(from, texts);
    return { path: relative(root, from).split(sep).join('/'), copied: false, undo };
  }
  const target = join(root, to);
  if (target === from) throw new MainstemError('INIT_SAME_PLACE', { path: to });
  if (await exists(target)) throw new MainstemError('INIT_EXISTS', { path: to });
  const temporary = join(dirname(target), `.${process.pid}.init.tmp`);
  try {
    await copyAll(workspace, from, files, temporary);
    for (const [path, text] of Object.entries(texts)) await writeFile(join(temporary, path), text);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  const undo = () => rm(target, { recursive: true, force: true });
  return { path: to, copied: true, undo };
}

/** Adds files to a folder that stays where it is; none that is there is overwritten. @returns what removes them again */
async function addTexts(folder: string, texts: DataSource['texts']): Promise<() => Promise<void>> {
  const paths = Object.keys(texts).map((path) => join(folder, path));
  for (const [path, text] of Object.entries(texts)) {
    await writeFile(join(folder, path), text, { flag: 'wx' });
  }
  return async () => {
    for (const path of paths) await rm(path, { force: true });
  };
}

/** Where a volume takes two names for one, the second file is refused, and the first one not lost. */
const toFreePlace = constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL;

async function copyAll(
  { reporter, signal }: Workspace,
  from: string,
  files: readonly TakenFile[] | null,
  to: string,
): Promise<void> {
  await makeFolder(dirname(to));
  if (!files) return copyFile(from, to, toFreePlace);
  const progress = reporter.progress('Copying', files.length, 'files');
  const made = new Set<string>();
  try {
    for (const [index, file] of files.entries()) {
      signal.throwIfAborted();
      const target = join(to, file.to);
      const folder = dirname(target);
      if (!made.has(folder)) await makeFolder(folder);
      made.add(folder);
      await copyFile(file.bytes ?? join(from, file.from), target, toFreePlace);
      progress.update(index + 1);
    }
  } finally {
    progress.end();
  }
}

import { existsSync, realpathSync, type Stats } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { MainstemError } from '../../platform/lib/errors.ts';
import { readBytes } from '../../platform/lib/read-text.ts';

/** A file that a command is asked to write. */
export interface Output {
  /** Absolute. */
  readonly path: string;
  /** Paths of datasets, from the repository's folder: what is written there would become an example. */
  readonly data: readonly string[];
  /**
   * Why what lies there now must stay: it is not what this command wrote before, or somebody has worked on it since; null
   * if it may go.
   */
  readonly worthKeeping: (content: Buffer) => string | null | Promise<string | null>;
}

/**
 * Checks that a file can and may be written where somebody asks for it: not among data, and over nothing but an earlier
 * output of the same kind. Call it before the work, so that a refusal costs nothing.
 *
 * @throws MainstemError OUTPUT_TAKEN, FILE_UNWRITABLE
 */
export async function assertOutput(
  root: string,
  { path, data, worthKeeping }: Output,
): Promise<void> {
  const place = realPath(path);
  const dataset = data.find((some) => isIn(place, realPath(resolve(root, some))));
  if (dataset !== undefined) {
    const reason = `it lies in the data ${dataset}, where it would be taken for an example`;
    throw new MainstemError('OUTPUT_TAKEN', { path, reason });
  }
  const found = await assertPlace(path);
  if (!found) return;
  const content = await readBytes(path).catch((cause: unknown) => {
    const reason = 'it is there already and cannot be read, so nobody knows whether it may go';
    throw new MainstemError('OUTPUT_TAKEN', { path, reason }, { cause });
  });
  const reason = await worthKeeping(content);
  if (reason !== null) throw new MainstemError('OUTPUT_TAKEN', { path, reason });
}

/** What lies there, null for nothing. @throws MainstemError FILE_UNWRITABLE where no file can come to lie */
async function assertPlace(path: string): Promise<Stats | null> {
  const unwritable = (reason: unknown, cause?: unknown) =>
    new MainstemError('FILE_UNWRITABLE', { path, reason }, { cause });
  try {
    const found = await statIfThere(path);
    // A file is put in its place whole, by its name: it would take the place of a device or a pipe itself.
    if (found && !found.isFile()) throw unwritable(found.isDirectory() ? 'EISDIR' : 'ENOTFILE');
    let folder = dirname(path);
    while (!(await statIfThere(folder)) && folder !== dirname(folder)) folder = dirname(folder);
    if (!(await stat(folder)).isDirectory()) throw unwritable('ENOTDIR');
    await access(folder, constants.W_OK | constants.X_OK);
    return found;
  } catch (error) {
    const isSystemError = error instanceof Error && 'syscall' in error && 'code' in error;
    throw isSystemError ? unwritable(error.code, error) : error;
  }
}

/** Null for nothing, also where a file is in the place of a folder above. */
async function statIfThere(path: string): Promise<Stats | null> {
  return stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
}

/** The same among the data that the lock names. @throws MainstemError OUTPUT_TAKEN, FILE_UNWRITABLE, JSON_INVALID */
export async function assertOwnOutput(
  root: string,
  path: string,
  worthKeeping: Output['worthKeeping'],
): Promise<void> {
  const { readLock } = await import('../../platform/storage/index.ts');
  const { datasets } = await readLock(root);
  const data = Object.values(datasets).map((locked) => locked.path);
  await assertOutput(root, { path, data, worthKeeping });
}

/** The same for a page of ours. @throws MainstemError OUTPUT_TAKEN, FILE_UNWRITABLE, JSON_INVALID */
export async function assertOwnPage(root: string, path: string): Promise<void> {
  const { isHtmlReport } = await import('../../platform/report/index.ts');
  await assertOwnOutput(root, path, (content) =>
    isHtmlReport(content.toString()) ? null : 'it is there already, and is not a report',
  );
}

/** A path without links, as far as it exists. */
function realPath(path: string): string {
  if (existsSync(path)) return realpathSync.native(path);
  const folder = dirname(path);
  return folder === path ? path : join(realPath(folder), basename(path));
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}

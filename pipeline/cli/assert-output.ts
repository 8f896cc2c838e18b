import { existsSync, realpathSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { MainstemError } from '../../platform/lib/errors.ts';

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
 * Checks that a file may be written where somebody asks for it: not among data, and over nothing but an earlier output of
 * the same kind. Call it before the work, so that a refusal costs nothing.
 *
 * @throws MainstemError OUTPUT_TAKEN
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
  // A device or a pipe cannot be read first, and a folder is named when it is written.
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return;
  const reason = await worthKeeping(await readFile(path));
  if (reason !== null) throw new MainstemError('OUTPUT_TAKEN', { path, reason });
}

/** The same among the data that the lock names. @throws MainstemError OUTPUT_TAKEN, JSON_INVALID */
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

/** The same for a page of ours. @throws MainstemError OUTPUT_TAKEN, JSON_INVALID */
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

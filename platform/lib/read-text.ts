import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { MainstemError } from './errors.ts';

/**
 * Reads a text file whole. A pipe or a device in its place is refused instead of waited for.
 *
 * @param shown what the file is called in an error, if not by its path
 * @throws MainstemError FILE_UNREADABLE; `details.reason` is the name of the system error
 * @example await readText(join(root, 'data.lock.json'), 'data.lock.json') // '{\n  "version": 1,…'
 */
export async function readText(path: string, shown = path): Promise<string> {
  return (await readBytes(path, shown)).toString('utf8');
}

/** As {@link readText}, but the bytes. @throws MainstemError FILE_UNREADABLE */
export async function readBytes(path: string, shown = path): Promise<Buffer> {
  const file = await openRegular(path, shown);
  try {
    return await file.readFile().catch((cause: unknown) => refuse(cause, shown));
  } finally {
    await file.close();
  }
}

/**
 * As Node's function of this name, but a pipe or a device in the place of the file is refused (`ENOTFILE`).
 *
 * @throws NodeJS.ErrnoException
 */
export async function readFile(path: string | URL): Promise<Buffer>;
export async function readFile(path: string | URL, encoding: 'utf8'): Promise<string>;
export async function readFile(path: string | URL, encoding?: 'utf8'): Promise<Buffer | string> {
  const file = await openFile(path);
  try {
    return await (encoding ? file.readFile(encoding) : file.readFile());
  } finally {
    await file.close();
  }
}

/** Opens a file to be read part by part, as {@link readText} does; the caller closes it. @throws MainstemError FILE_UNREADABLE */
export async function openRegular(path: string, shown = path): Promise<FileHandle> {
  return openFile(path).catch((cause: unknown) => refuse(cause, shown));
}

function refuse(cause: unknown, path: string): never {
  const reason = cause instanceof Error && 'code' in cause ? cause.code : String(cause);
  throw new MainstemError('FILE_UNREADABLE', { path, reason }, { cause });
}

/**
 * As {@link readText}, but null where there is no file. One that is there and cannot be read is never taken for absent.
 *
 * @throws MainstemError FILE_UNREADABLE
 */
export async function readTextIfThere(path: string, shown = path): Promise<string | null> {
  return readText(path, shown).catch((error: unknown) => {
    if (isAbsence(error)) return null;
    throw error;
  });
}

function isAbsence(error: unknown): boolean {
  return error instanceof MainstemError && error.details.reason === 'ENOENT';
}

async function openFile(path: string | URL): Promise<FileHandle> {
  // Otherwise opening a pipe waits until somebody writes into it.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  const found = await file.stat();
  if (found.isFile()) return file;
  await file.close();
  throw notFile(found.isDirectory() ? 'EISDIR' : 'ENOTFILE', `${path}`);
}

function notFile(code: string, path: string): Error {
  return Object.assign(new Error('not a file'), { code, path, syscall: 'open' });
}

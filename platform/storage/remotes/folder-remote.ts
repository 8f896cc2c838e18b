import { constants, existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { MainstemError } from '../../lib/errors.ts';
import { sweepLeftovers } from '../../lib/leftovers.ts';
import { makeFolder } from '../../lib/make-folder.ts';
import { systemErrorText } from '../../lib/system-errors.ts';
import { temporaryIn } from '../../lib/temporary.ts';
import { copyFast, isFullDisk, publishObject } from '../store/object-folder.ts';
import type { Remote } from './remote.ts';

/** A remote in a folder: another disk, a network share, a USB stick. It is created by the first upload. */
export function createFolderRemote(folder: string): Remote {
  const failed = (key: string) => (cause: NodeJS.ErrnoException) => {
    const reason = reasonOf(key, cause);
    throw new MainstemError('REMOTE_FAILED', { address: folder, key, reason }, { cause });
  };
  const failedAt = (key: string) => (cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' && existsSync(folder)) {
      throw new MainstemError('REMOTE_MISSING', { address: folder, key }, { cause });
    }
    return failed(key)(cause);
  };
  return {
    address: folder,
    assertThere: () => readdir(folder).then(() => undefined, failed('')),
    list: (prefix) => listKeys(folder, prefix).catch(failed(prefix)),
    upload: (key, file) => upload(folder, key, file).catch(failed(key)),
    download: (key, file) =>
      copyFast(join(folder, key), file, constants.COPYFILE_EXCL).catch((error) => {
        // Then the remote is not at fault: the disk here is full.
        if (isFullDisk(error)) throw error;
        return failedAt(key)(error);
      }),
    remove: (key) => rm(join(folder, key), { force: true }).catch(failed(key)),
    sweep: (options) => sweepLeftovers(folder, { ...options, recursive: false }).catch(failed('')),
  };
}

function reasonOf(key: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOTDIR') return 'is not a folder';
  if (code === 'ENOENT') return key === '' ? 'is not there' : `has no ${key}`;
  return `failed${key === '' ? '' : ` at ${key}`}: ${systemErrorText(code)?.reason ?? message}`;
}

async function listKeys(folder: string, prefix: string): Promise<string[]> {
  const below = join(folder, prefix.slice(0, prefix.lastIndexOf('/') + 1));
  const entries = await readdir(below, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.tmp'))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .map((path) => path.replaceAll(sep, '/'))
    .filter((key) => key.startsWith(prefix))
    .sort();
}

async function upload(folder: string, key: string, file: string): Promise<void> {
  await makeFolder(folder);
  const temporary = temporaryIn(folder);
  try {
    await copyFast(file, temporary);
    await publishObject(temporary, join(folder, key));
  } finally {
    await rm(temporary, { force: true });
  }
}

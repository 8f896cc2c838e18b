import { constants, type Dirent, existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MainstemError } from '../../lib/errors.ts';
import { sweepLeftovers } from '../../lib/leftovers.ts';
import { makeFolder } from '../../lib/make-folder.ts';
import { systemErrorText } from '../../lib/system-errors.ts';
import { temporaryIn } from '../../lib/temporary.ts';
import { copyFast, isFullDisk, publishObject } from '../store/object-folder.ts';
import { assertBrief } from './assert-brief.ts';
import { keyFolders, type Remote } from './remote.ts';

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
    async upload(key, file) {
      await makeFolder(folder).catch((cause) => {
        if (cause.code !== 'ENOENT') return failed('')(cause);
        const reason = 'cannot be created: the system makes no folder there';
        throw new MainstemError('REMOTE_FAILED', { address: folder, key: '', reason }, { cause });
      });
      await upload(folder, key, file).catch(failed(key));
    },
    async download(key, file, most) {
      const path = join(folder, key);
      if (most !== undefined) {
        const { size } = await stat(path).catch(failedAt(key));
        assertBrief({ address: folder, key, most }, size);
      }
      await copyFast(path, file, constants.COPYFILE_EXCL).catch((error) => {
        // Then the remote is not at fault: the disk here is full.
        if (isFullDisk(error)) throw error;
        return failedAt(key)(error);
      });
    },
    remove: (key) => rm(join(folder, key), { force: true }).catch(failed(key)),
    sweep: (options) => sweepLeftovers(folder, { ...options, recursive: false }).catch(failed('')),
  };
}

function reasonOf(key: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOTDIR') return 'is not a folder';
  if (code === 'ENOENT') return key === '' ? 'is not there' : `has no ${key}`;
  if (code === 'EEXIST' && key === '') return 'is not a folder, or a link that leads nowhere';
  return `failed${key === '' ? '' : ` at ${key}`}: ${systemErrorText(code)?.reason ?? message}`;
}

/** Other files may lie beside the keys, even below a home folder: nobody looks at them. */
async function listKeys(folder: string, prefix: string): Promise<string[]> {
  const asked = prefix.slice(0, prefix.lastIndexOf('/') + 1).slice(0, -1);
  const places = asked === '' ? keyFolders : [asked];
  const lists = await Promise.all(places.map((place) => listPlace(folder, place)));
  return lists
    .flat()
    .filter((key) => key.startsWith(prefix))
    .sort();
}

async function listPlace(folder: string, place: string): Promise<string[]> {
  const entries = await readdir(join(folder, place), { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException): Dirent[] => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.tmp'))
    .map(({ name }) => `${place}/${name}`);
}

async function upload(folder: string, key: string, file: string): Promise<void> {
  const temporary = temporaryIn(folder);
  try {
    await copyFast(file, temporary);
    await publishObject(temporary, join(folder, key));
  } finally {
    await rm(temporary, { force: true });
  }
}

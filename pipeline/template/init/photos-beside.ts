import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { isDoubtful } from '../../../platform/lib/file-names.ts';
import { isHiddenName } from '../../../platform/lib/hidden-name.ts';
import { hasPhotoName } from './has-photo-name.ts';

/** A person's downloads may hold far more, none of which concerns the file that was given. */
const mostLookedAt = 50_000;

/**
 * The photos below a folder, as paths relative to it with `/`, those near it first. It is only a look: what cannot be read or
 * named is passed over, and so is what comes after many other things.
 *
 * @param most things to look at
 */
export async function photosBeside(folder: string, most = mostLookedAt): Promise<string[]> {
  const photos: string[] = [];
  const waiting = [''];
  let looked = 0;
  for (let below = waiting.shift(); below !== undefined && looked < most; below = waiting.shift()) {
    const entries = await readdir(join(folder, below), { withFileTypes: true }).catch(
      (): Dirent[] => [],
    );
    looked += entries.length;
    for (const entry of entries) {
      const { name } = entry;
      if (isHiddenName(name) || isDoubtful(name)) continue;
      const path = posix.join(below, name);
      if (entry.isDirectory()) waiting.push(path);
      else if (entry.isFile() && hasPhotoName(name)) photos.push(path);
    }
  }
  return photos;
}

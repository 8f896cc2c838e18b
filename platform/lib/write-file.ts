import { writeFile as write } from 'node:fs/promises';
import { namePath } from './files.ts';

/**
 * Writes a file, and names it in every error: a full disk is found out while writing, when Node no longer says which file it is.
 *
 * @throws NodeJS.ErrnoException with a path
 */
export async function writeFile(
  path: string,
  data: Parameters<typeof write>[1],
  options?: Parameters<typeof write>[2],
): Promise<void> {
  await write(path, data, options).catch((error: unknown) => {
    throw namePath(error, path);
  });
}

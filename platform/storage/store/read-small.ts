import { closeSync, constants, openSync, readSync } from 'node:fs';

/** Files of at least this many bytes are kept whole; smaller ones go into packs. */
export const largeBytes = 1024 * 1024;

/** Reading one byte more than a small file can have saves asking for its size. */
const scratch = Buffer.allocUnsafeSlow(largeBytes);

/**
 * Reads a small file; undefined if it is large. The bytes are valid until the next call.
 *
 * @throws NodeJS.ErrnoException
 */
export function readSmall(path: string): Buffer | undefined {
  const file = openSync(path, constants.O_RDONLY);
  try {
    const count = readSync(file, scratch, 0, largeBytes, 0);
    return count < largeBytes ? scratch.subarray(0, count) : undefined;
  } finally {
    closeSync(file);
  }
}

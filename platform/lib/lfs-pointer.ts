import { MainstemError } from './errors.ts';

const beginning = Buffer.from('version https://git-lfs.github.com/spec/');

/** A pointer is shorter than this, says the specification. */
export const longestPointer = 1024;

/**
 * Whether a file is what Git LFS leaves in the place of one that it has not fetched.
 *
 * @see https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
 */
export function isLfsPointer(bytes: Uint8Array): boolean {
  return bytes.length < longestPointer && beginning.equals(bytes.subarray(0, beginning.length));
}

/** @param path what to call the file in the error @throws MainstemError DATA_NOT_FETCHED */
export function assertNoPointer(bytes: Uint8Array, path: string): void {
  if (isLfsPointer(bytes)) throw new MainstemError('DATA_NOT_FETCHED', { path, files: 'it' });
}

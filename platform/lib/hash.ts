import { createHash } from 'node:crypto';
import { hashFile } from 'hasha';
import { canonicalJson } from './canonical-json.ts';
import { openRegular } from './read-text.ts';

/** The only digest format: `sha256:` and 64 lower-case hex digits, as OCI and sigstore write it. */
export type Digest = `sha256:${string}`;

/** Pattern of a {@link Digest}, for schemas. */
export const digestPattern = '^sha256:[0-9a-f]{64}$';

/**
 * The digest of bytes, or of a string as UTF-8.
 *
 * @example digestBytes('abc')
 * // 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
 */
export function digestBytes(data: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}

/**
 * The digest of a value's canonical JSON: equal for equal values, whatever the order of their keys.
 *
 * @throws TypeError for NaN and infinite numbers.
 * @example digestJson({ a: 1, b: 2 }) === digestJson({ b: 2, a: 1 }) // true
 */
export function digestJson(value: unknown): Digest {
  return digestBytes(canonicalJson(value));
}

/**
 * The digest of a file's content, hashed off the main thread. A pipe or a device in its place is refused: the thread would wait for
 * its end, and the process for the thread.
 *
 * @param shown what the file is called in an error, if not by its path
 * @throws MainstemError FILE_UNREADABLE; NodeJS.ErrnoException if it cannot be read to its end
 */
export async function digestFile(path: string, shown = path): Promise<Digest> {
  await (await openRegular(path, shown)).close();
  return `sha256:${await hashFile(path, { algorithm: 'sha256' })}`;
}

/**
 * A digest's 64 hex digits, without the name of the algorithm.
 *
 * @example hexOf(digestBytes('abc')).slice(0, 12) // 'ba7816bf8f01'
 */
export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

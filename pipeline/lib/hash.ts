import { createHash } from 'node:crypto';
import { hashFile } from 'hasha';
import { canonicalJson } from './canonical-json.ts';

/** The one digest format: `sha256:` and 64 lower-case hex digits, as OCI and sigstore write it. */
export type Digest = `sha256:${string}`;

/** Pattern of a {@link Digest}, for schemas. */
export const digestPattern = '^sha256:[0-9a-f]{64}$';

/** The digest of bytes or of a UTF-8 string. */
export function digestBytes(data: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}

/** The digest of a value's canonical JSON: the same for equal values, whatever the order of their keys. */
export function digestJson(value: unknown): Digest {
  return digestBytes(canonicalJson(value));
}

/** The digest of a file's content, hashed off the main thread. */
export async function digestFile(path: string): Promise<Digest> {
  return `sha256:${await hashFile(path, { algorithm: 'sha256' })}`;
}

/** The 64 hex digits without the algorithm's name. */
export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

import type { Digest } from '../lib/hash.ts';
import type { Reporter } from '../lib/reporter.ts';
import type { Artefact } from './atoms.ts';

/** Where work happens; passed to every library function that touches disk, reports progress or can be stopped. */
export interface Workspace {
  /** The repository's folder, absolute. */
  readonly root: string;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/** The machine's part of the store that stages use; `platform/storage` implements it. */
export interface BlobStore {
  /** Stores bytes; storing them again costs one look-up. Durable when the promise resolves. */
  put(bytes: Uint8Array, mediaType?: string): Promise<Artefact>;
  /** Reads and verifies. @throws MainstemError STORE_MISSING, STORE_CORRUPT */
  get(digest: Digest): Promise<Uint8Array>;
  has(digest: Digest): Promise<boolean>;
}

/** A store that can tell what is damaged. */
export interface CheckedStore extends BlobStore {
  /** Whether there is an intact copy. A large blob that was verified before is not read again unless its file changed. */
  isIntact(digest: Digest): Promise<boolean>;
}

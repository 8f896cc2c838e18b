import { MainstemError } from '../../lib/errors.ts';
import type { Silence } from '../../lib/silence.ts';
import { hidePassword } from './hide-password.ts';

/** The folders of all keys that are read again; whatever else lies beside them is not ours. */
export const keyFolders = ['condemned', 'objects', 'packs', 'records'] as const;

/** The error for an address that does not have its form. @param form for example `oci://<registry>/<repository>` */
export function unknownRemote(address: string, form: string, cause?: unknown): MainstemError {
  const reason = `is not of the form ${form}`;
  return new MainstemError('REMOTE_UNKNOWN', { address: hidePassword(address), reason }, { cause });
}

/** The error for a key whose content is not what it has to be. */
export function damagedAt(
  { address }: Pick<Remote, 'address'>,
  key: string,
  { expected, found }: { readonly expected: string; readonly found: string },
): MainstemError {
  return new MainstemError('REMOTE_CORRUPT', { address, key, expected, found });
}

/** The error for a server that took a connection and then said nothing. */
export function silentRemote(address: string, key: string, cause: Silence): MainstemError {
  const { place: endpoint, seconds } = cause;
  return new MainstemError('REMOTE_SILENT', { address, key, endpoint, seconds }, { cause });
}

/**
 * A shared place for the content of the store. Keys are `<folder>/<name>`; their content never changes once written, so
 * that writing a key twice is harmless. Every remote passes `tests/contract/remote.ts`.
 */
export interface Remote {
  /** Address for messages; without secrets. */
  readonly address: string;
  /** Checks that it can be read. @throws MainstemError REMOTE_FAILED if it was never written or is unreachable */
  assertThere(): Promise<void>;
  /**
   * All keys that start with `prefix`, sorted; '' asks for all, and what lies beside {@link keyFolders} is left out. Empty
   * for a remote that was never written.
   */
  list(prefix: string): Promise<string[]>;
  /**
   * Stores a file's content: afterwards the key is complete, or (on error) unchanged.
   *
   * @throws MainstemError REMOTE_FAILED
   */
  upload(key: string, file: string): Promise<void>;
  /**
   * Writes a key's content to a file that does not exist.
   *
   * @param most bytes; of more, none are fetched. @default any number
   * @throws MainstemError REMOTE_MISSING if there is no such key, REMOTE_CORRUPT if the remote itself can tell or there are more
   *   bytes, REMOTE_FAILED
   */
  download(key: string, file: string, most?: number): Promise<void>;
  /** Deletes a key; one that is not there is not an error. @throws MainstemError REMOTE_FAILED */
  remove(key: string): Promise<void>;
  /**
   * Shows what belongs together to clients other than Mainstem, under a key in `datasets/` or `models/`. Only registries
   * have this: nothing of ours reads it.
   *
   * @throws MainstemError REMOTE_FAILED, REMOTE_MISSING
   */
  describe?(collection: Collection): Promise<void>;
  /**
   * Names what interrupted uploads left there, and removes it if asked. Left out where uploads leave nothing, or the
   * service removes it itself.
   */
  sweep?(options: { readonly now: number; readonly remove: boolean }): Promise<string[]>;
}

/** The parts of one dataset or one model. */
export interface Collection {
  /** `datasets/<name>-<digits>` or `models/<name>-<run>`. */
  readonly key: string;
  /** What names the parts: a dataset's manifest, or a model's record. */
  readonly config: { readonly bytes: Uint8Array; readonly mediaType: string };
  /** Keys whose content belongs to it. */
  readonly keys: readonly string[];
  /** Contents of their own, with a name for the file. */
  readonly files: readonly NamedContent[];
  /** The collection that this one is about: the data that a model was trained on. */
  readonly subject?: string | undefined;
}

/** Bytes that a client sees as a file. */
export interface NamedContent {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

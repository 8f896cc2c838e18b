/**
 * A shared place for the content of the store. Keys are paths with `/`; their content never changes once written, so
 * that writing a key twice is harmless. Every remote passes `tests/contract/remote.ts`.
 */
export interface Remote {
  /** Address for messages; without secrets. */
  readonly address: string;
  /** Checks that it can be read. @throws MainstemError REMOTE_FAILED if it was never written or is unreachable */
  assertThere(): Promise<void>;
  /** All keys that start with `prefix`, sorted. Empty for a remote that was never written. */
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
   * @throws MainstemError REMOTE_FAILED if there is no such key
   */
  download(key: string, file: string): Promise<void>;
  /**
   * Names what interrupted uploads left there, and removes it if asked. Left out where uploads leave nothing, or the
   * service removes it itself.
   */
  sweep?(options: { readonly now: number; readonly remove: boolean }): Promise<string[]>;
}

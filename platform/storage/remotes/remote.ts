/**
 * A place that keeps what the store keeps, for others. Keys are paths with `/`; their content never changes
 * once written, so that writing a key twice is harmless. Every remote passes `tests/contract/remote.ts`.
 */
export interface Remote {
  /** For messages; without secrets. */
  readonly address: string;
  /** Before reading from it. @throws MainstemError REMOTE_FAILED if it was never written or cannot be reached */
  assertThere(): Promise<void>;
  /** All keys that begin with `prefix`, sorted. Empty for a remote that was never written. */
  list(prefix: string): Promise<string[]>;
  /** Stores a file's content: afterwards the key is there whole, or (on error) as it was. */
  upload(key: string, file: string): Promise<void>;
  /** Writes a key's content to a file that does not exist. @throws MainstemError REMOTE_FAILED if the key is not there */
  download(key: string, file: string): Promise<void>;
}

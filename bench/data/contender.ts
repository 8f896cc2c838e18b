/** A tool that versions the files at data/digits of a repository of its own. Processor seconds are measured. */
export interface Contender {
  readonly name: string;
  /** With the data in place and an empty store: make a version of it. */
  add(): Promise<number>;
  /** With nothing changed: say so. */
  status(): Promise<number>;
  /** With the data gone and the store full: bring it back. */
  checkout(): Promise<number>;
  /** With the data in the store: send it to an S3 address. @param endpoint of the server */
  push(bucket: string, endpoint: string): Promise<number>;
  /** With an empty store: fetch it from there into the store, not into the working copy. */
  fetch(bucket: string, endpoint: string): Promise<number>;
  /** Moves the data away; deleting would burden what is measured next. */
  loseData(): Promise<void>;
  /** Moves the store and all caches away, but not what says which data it was. */
  loseBytes(): Promise<void>;
  /** Moves the store and all caches away. */
  loseStore(): Promise<void>;
}

/** A tool that versions the files at data/digits of a repository of its own. */
export interface Contender {
  readonly name: string;
  /** With the data in place and an empty store: make a version of it. */
  add(): Promise<void>;
  /** With nothing changed: say so. */
  status(): Promise<void>;
  /** With the data gone and the store full: bring it back. */
  checkout(): Promise<void>;
  /** Moves the data away; deleting would burden what is measured next. */
  loseData(): Promise<void>;
  /** Moves the store and all caches away. */
  loseStore(): Promise<void>;
}

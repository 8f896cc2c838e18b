import type { BlobStore } from '../../platform/schemas/index.ts';
import type { FollowState } from './origin.ts';

/** Where a server finds its pointers, records and networks. */
export interface Source {
  /** The folder with `models/` that is followed now. */
  readonly root: string;
  /** Folders that a server may start with, the best first. */
  readonly starts: readonly string[];
  readonly store: BlobStore;
  /** How it stands with a branch; null where files are followed. */
  readonly state: FollowState | null;
  /** Looks at the branch now, and returns when what it names is here or cannot be had. */
  look(): Promise<void>;
  /** Looks from now on. */
  begin(server: Server): Promise<void>;
  close(): Promise<void>;
}

/** What follows the pointers of a source. */
export interface Server {
  /** Looks at the pointers now, also at those that were refused, and returns when what they name answers or was refused. */
  retry(): Promise<void>;
  /** Whether a pointer names what does not serve. */
  readonly isBehind: boolean;
}

/** The files of a folder, which somebody else changes. */
export function createFilesSource(root: string, store: BlobStore): Source {
  return {
    ...{ root, starts: [root], store, state: null },
    look: async () => {},
    begin: async () => {},
    close: async () => {},
  };
}

import type { Project } from '../define.ts';
import type { FileLog } from '../lib/file-log.ts';
import type { Digest } from '../lib/hash.ts';
import type { BlobStore, StageRecord, Workspace } from '../types.ts';
import type { Machine } from './machine.ts';

/** The store as the engine uses it: bytes, and one record a run key. */
export interface RecordStore extends BlobStore {
  readRecord(key: Digest): Promise<StageRecord | null>;
  writeRecord(record: StageRecord): Promise<void>;
}

/** What to run anew, and how far. */
export interface FlowSelection {
  /** Run every stage, also where a result is there. */
  readonly force?: boolean | undefined;
  /** Run this stage and all that follow from it, also where results are there. */
  readonly from?: string | undefined;
  /** Run this stage and what it needs, nothing else. */
  readonly to?: string | undefined;
  /** Only say what would run, and why. */
  readonly dryRun?: boolean | undefined;
}

/** The outputs of a run that is not in this machine's store, for example from a model's record. */
export interface KnownResult {
  readonly key: Digest;
  readonly outputs: unknown;
}

export interface FlowOptions extends FlowSelection {
  readonly workspace: Workspace;
  readonly store: RecordStore;
  readonly project: Project;
  /** @default this machine's processors and memory */
  readonly machine?: Machine;
  readonly now?: () => Date;
  /** Where each look at a source file or a package is noted. */
  readonly log?: FileLog | undefined;
  /** Dry run only: results to believe, so that the keys of what follows can be told without a store. */
  readonly known?: readonly KnownResult[];
}

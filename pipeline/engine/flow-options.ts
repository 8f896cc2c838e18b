import type { FileLog } from '../../platform/lib/file-log.ts';
import type { Digest } from '../../platform/lib/hash.ts';
import type { Project } from '../../platform/schemas/define/index.ts';
import type { BlobStore, StageRecord, Workspace } from '../../platform/schemas/index.ts';
import type { Machine } from './machine.ts';

/** The store as the engine uses it: bytes, and one record per run key. */
export interface RecordStore extends BlobStore {
  /** Whether there is an intact copy of a blob. */
  isIntact(digest: Digest): Promise<boolean>;
  /** Null if there is no record, or a damaged one. */
  readRecord(key: Digest): Promise<StageRecord | null>;
  writeRecord(record: StageRecord): Promise<void>;
  /** Hears of each result that is taken instead of running its stage, so that a store that is shared has it, too. */
  noteReuse?(record: StageRecord): Promise<void>;
}

/** What to run again, and how far. */
export interface FlowSelection {
  /** Run every stage, even if it has a result. */
  readonly force?: boolean | undefined;
  /** Run this stage and all stages that depend on it, even if they have results. */
  readonly from?: string | undefined;
  /** Run only this stage and those it needs. */
  readonly to?: string | undefined;
  /** Only report what would run, and why. */
  readonly dryRun?: boolean | undefined;
}

/** The outputs of a run that is not in this machine's store, for example from a model's record. */
export interface KnownResult {
  readonly key: Digest;
  readonly outputs: unknown;
}

/** What a flow needs. */
export interface FlowOptions extends FlowSelection {
  readonly workspace: Workspace;
  readonly store: RecordStore;
  readonly project: Project;
  /** Limits what runs in parallel. @default this machine's processors and memory */
  readonly machine?: Machine;
  readonly now?: () => Date;
  /** Where each look at a source file or a package is noted. */
  readonly log?: FileLog | undefined;
  /** Dry run only: results to assume, so that the keys of later stages can be computed without a store. */
  readonly known?: readonly KnownResult[];
}

import type { ImageChecks, SliceDefinition, SplitDefinition, TableDefinition } from '../define.ts';
import type { LockedDataset, Task } from '../types.ts';

/** What validation reads. */
export interface ValidateInputs {
  readonly dataset: LockedDataset;
  /** Photos that must be refused. */
  readonly outOfDistribution: LockedDataset | null;
  readonly split: SplitDefinition;
  readonly task: Task;
  /** Empty for regression. */
  readonly classes: readonly string[];
  readonly table?: TableDefinition;
  readonly checks?: ImageChecks;
  /** Columns of a table that are sliced by, so that they are known to be used. */
  readonly slices?: readonly SliceDefinition[];
}

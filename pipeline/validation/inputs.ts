import type {
  CheckThresholds,
  SplitDefinition,
  TableDefinition,
} from '../../platform/schemas/define/index.ts';
import type { LockedDataset, Task } from '../../platform/schemas/index.ts';

/** What validation reads. */
export interface ValidateInputs {
  readonly dataset: LockedDataset;
  /** Photos that must be refused. */
  readonly outOfDistribution: LockedDataset | null;
  readonly split: SplitDefinition;
  readonly task: Task;
  /** Empty for regression. */
  readonly classes: readonly string[];
  readonly table?: TableDefinition | undefined;
  readonly checks: CheckThresholds;
  /** Columns of a table that are sliced by, so that they are known to be used. */
  readonly slices?: readonly string[];
}

/** The same where photos are learnt from the features of a promoted model. */
export interface OnModelInputs extends ValidateInputs {
  readonly backbone: LockedDataset;
}

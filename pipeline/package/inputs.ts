import type {
  BackendInfo,
  EvaluateOutput,
  PrepareOutput,
  Task,
  TrainOutput,
} from '../../platform/schemas/index.ts';
import type { BackboneInput } from '../backbones/index.ts';

/** The inputs of packaging. */
export interface PackageInputs {
  /** What the file takes: pictures, or encoded rows of a table. */
  readonly prepared: PrepareOutput;
  /** What the model learnt from, if that is not the same: a backbone's features, row for row. */
  readonly features?: PrepareOutput;
  readonly trained: TrainOutput;
  readonly evaluation: EvaluateOutput;
  readonly task: Task;
  readonly classes: readonly string[];
  readonly backend: BackendInfo;
  /** More facts for the file's metadata, for example dataset digests. */
  readonly provenance: Readonly<Record<string, string>>;
}

/** The inputs of packaging a network that learnt from a backbone's features. */
export interface BackbonePackageInputs extends PackageInputs {
  readonly backbone: BackboneInput;
}

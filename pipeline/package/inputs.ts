import type {
  BackendInfo,
  EvaluateOutput,
  PrepareOutput,
  Task,
  TrainOutput,
} from '../../platform/schemas/index.ts';

/** The inputs of packaging. */
export interface PackageInputs {
  readonly prepared: PrepareOutput;
  readonly trained: TrainOutput;
  readonly evaluation: EvaluateOutput;
  readonly task: Task;
  readonly classes: readonly string[];
  readonly backend: BackendInfo;
  /** More facts for the file's metadata, for example dataset digests. */
  readonly provenance: Readonly<Record<string, string>>;
}

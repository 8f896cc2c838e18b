import type { Digest } from '../../platform/lib/hash.ts';
import type {
  Artefact,
  BackendInfo,
  Epoch,
  PrepareOutput,
  Task,
  TrainOutput,
} from '../../platform/schemas/index.ts';
import type { TrainParameters } from './parameters.ts';

export interface TrainInputs {
  readonly prepared: PrepareOutput;
  /** Inputs to refuse, for outlier exposure; null without such a set. */
  readonly outOfDistribution: PrepareOutput | null;
  readonly task: Task;
  /** In the order of the network's outputs; empty for regression. */
  readonly classes: readonly string[];
  readonly backend: BackendInfo;
}

/** All that the training process is told. */
export interface TrainJob {
  /** The project's name and folder, absolute. */
  readonly project: string;
  readonly folder: string;
  /** Where the checkpoint lies. */
  readonly scratch: string;
  readonly inputs: TrainInputs;
  readonly parameters: TrainParameters;
}

/** What the stage sends to the training process. Answers carry the request's `id`. */
export type ToWorker =
  | { readonly type: 'start'; readonly job: TrainJob }
  | { readonly type: 'bytes'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly type: 'stored'; readonly id: number; readonly artefact: Artefact }
  | { readonly type: 'refused'; readonly id: number; readonly failure: Failure };

/** What the training process sends. The store stays with the stage: `get` and `put` are requests to it. */
export type FromWorker =
  | { readonly type: 'get'; readonly id: number; readonly digest: Digest }
  | {
      readonly type: 'put';
      readonly id: number;
      readonly bytes: Uint8Array;
      readonly mediaType: string | undefined;
    }
  | { readonly type: 'begin'; readonly rows: number; readonly resumedAfter: number }
  | { readonly type: 'rows'; readonly rows: number }
  | { readonly type: 'epoch'; readonly epoch: Epoch; readonly seconds: number }
  | { readonly type: 'done'; readonly output: TrainOutput }
  | { readonly type: 'failed'; readonly failure: Failure };

/** An error on its way between processes. */
export interface Failure {
  /** A MainstemError's code, or null for any other error. */
  readonly code: string | null;
  readonly details: Readonly<Record<string, unknown>>;
  readonly message: string;
}

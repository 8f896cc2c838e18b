import type { Digest } from '../../platform/lib/hash.ts';
import type { TunedFrom } from '../../platform/schemas/define/index.ts';
import type {
  Artefact,
  BackendInfo,
  Epoch,
  LabelScale,
  PrepareOutput,
  Task,
  TrainOutput,
} from '../../platform/schemas/index.ts';
import type { BackboneInput } from '../backbones/index.ts';
import type { TrainParameters } from './parameters.ts';

/** The inputs of the train stage. */
export interface TrainInputs {
  readonly prepared: PrepareOutput;
  /** The out-of-distribution set, for outlier exposure; null if the project has none. */
  readonly outOfDistribution: PrepareOutput | null;
  readonly task: Task;
  /** Classes in the order of the network's outputs; empty for regression. */
  readonly classes: readonly string[];
  /** How the label of a regression is learnt; left out, as it is. */
  readonly labelScale?: LabelScale;
  readonly backend: BackendInfo;
}

/**
 * The inputs of training on a backbone whose last part is trained, too: `prepared` is what this part reads, `features` what
 * the whole backbone makes of the same rows before anything is trained.
 */
export interface TunedTrainInputs extends TrainInputs {
  readonly features: PrepareOutput;
  readonly featuresOutOfDistribution: PrepareOutput | null;
  readonly backbone: BackboneInput;
  readonly from: TunedFrom;
}

/** Everything that a training process needs to know. */
export interface TrainJob<Parameters = TrainParameters, Inputs = TrainInputs> {
  /** The project's name and folder, absolute. */
  readonly project: string;
  readonly folder: string;
  /** The folder with the checkpoint. */
  readonly scratch: string;
  readonly inputs: Inputs;
  readonly parameters: Parameters;
}

/** A message from the stage to the training process. Replies carry the request's `id`. */
export type ToWorker =
  | { readonly type: 'start'; readonly job: TrainJob<unknown> }
  | { readonly type: 'bytes'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly type: 'stored'; readonly id: number; readonly artefact: Artefact }
  | { readonly type: 'refused'; readonly id: number; readonly failure: Failure };

/** A message from the training process. The stage keeps the store: `get` and `put` are requests to it. */
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
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'done'; readonly output: TrainOutput }
  | { readonly type: 'failed'; readonly failure: Failure };

/** An error that is sent between processes. */
export interface Failure {
  /** A MainstemError's code, or null for any other error. */
  readonly code: string | null;
  readonly details: Readonly<Record<string, unknown>>;
  readonly message: string;
}

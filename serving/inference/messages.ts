/** What a worker thread is started with. */
export interface WorkerStart {
  readonly models: readonly { readonly name: string; readonly onnx: Uint8Array }[];
}

/** One batch to compute; `input`'s memory moves to the worker. */
export interface Batch {
  readonly id: number;
  readonly model: string;
  readonly input: Float32Array<ArrayBuffer>;
  readonly shape: readonly number[];
}

/** What a worker computed, row-major; the memory moves back. */
export interface BatchResult {
  readonly id: number;
  /** [batch, n]: logits, or a value. */
  readonly output: Float32Array<ArrayBuffer>;
  /** [batch, d]: the input of the network's last layer. */
  readonly embedding: Float32Array<ArrayBuffer>;
  /** Time spent in the runtime. */
  readonly seconds: number;
}

/** Why a batch could not be computed. */
export interface BatchFailure {
  readonly id: number;
  readonly error: string;
}

/** What a worker sends: that it is ready, or the outcome of a batch. */
export type WorkerMessage = 'ready' | BatchResult | BatchFailure;

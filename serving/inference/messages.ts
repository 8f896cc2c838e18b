/** What a worker thread is started with. */
export interface WorkerStart {
  readonly models: readonly { readonly name: string; readonly onnx: Uint8Array }[];
}

/** One batch to compute; `input`'s memory moves to the worker. */
export interface Job {
  readonly id: number;
  readonly model: string;
  readonly input: Float32Array<ArrayBuffer>;
  readonly shape: readonly number[];
}

/** What came out, row-major; the memory moves back. */
export interface JobResult {
  readonly id: number;
  /** [batch, n]: logits, or a value. */
  readonly output: Float32Array<ArrayBuffer>;
  /** [batch, d] */
  readonly embedding: Float32Array<ArrayBuffer>;
  /** Time in the runtime. */
  readonly seconds: number;
}

export interface JobFailure {
  readonly id: number;
  readonly error: string;
}

/** What a worker says: that it can work, or what became of a job. */
export type WorkerMessage = 'ready' | JobResult | JobFailure;

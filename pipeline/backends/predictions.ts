/** What a network gives for many rows. */
export interface Predictions {
  /** rows × outputs, row after row: logits, or the value. */
  readonly output: Float32Array;
  /** rows × embeddingSize: the input of the last layer. */
  readonly embedding: Float32Array;
  readonly outputs: number;
  readonly embeddingSize: number;
}

/** Writes the network input of some rows, row after row. */
export type Fill = (target: Float32Array, rows: readonly number[]) => void;

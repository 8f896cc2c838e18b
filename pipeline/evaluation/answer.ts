import type { PreparedRow } from '../../platform/schemas/index.ts';

/** A row with what the network says about it. */
export interface Answer {
  readonly row: PreparedRow;
  /** Logits, one a class; for regression the one value. */
  readonly output: Float32Array;
  /** The last layer's input. */
  readonly embedding: Float32Array;
}

/** An answer after the decision. */
export interface Decided extends Answer {
  readonly predicted: string;
  readonly probabilities: readonly number[];
  readonly score: number;
  readonly accepted: boolean;
}

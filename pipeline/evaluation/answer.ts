import type { PreparedRow } from '../../platform/schemas/index.ts';
import type { PreparedData } from '../prepare/index.ts';

/** A prepared row with what the network says about it. */
export interface Answer {
  readonly row: PreparedRow;
  /** Logits, one per class in the order of the outputs; for regression the one value. */
  readonly output: Float32Array;
  /** The input of the network's last layer. */
  readonly embedding: Float32Array;
}

/** Answers some rows of a prepared dataset, in their order. */
export type AnswerRows = (data: PreparedData, rows: readonly number[]) => Promise<Answer[]>;

/** An answer with the decision made from it: class, probabilities, score, and whether it is accepted. */
export interface Decided extends Answer {
  readonly predicted: string;
  readonly probabilities: readonly number[];
  readonly score: number;
  readonly accepted: boolean;
}

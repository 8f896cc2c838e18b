import type { LayersModel } from '@tensorflow/tfjs-layers';

/** What a network says about many rows. */
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

/**
 * Runs a network over rows, in batches, on the current backend. Leaves no tensor behind.
 *
 * @param rows which rows, in the order of the result @param fill writes the network input of rows
 * @throws MainstemError MODEL_UNSUPPORTED for a network with several inputs or outputs
 */
export async function predictAll(
  model: LayersModel,
  rows: readonly number[],
  fill: Fill,
  batchSize: number,
): Promise<Predictions> {
  const { predictBatches } = await import('./predict-batches.ts');
  return predictBatches(model, rows, fill, batchSize);
}

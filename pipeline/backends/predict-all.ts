import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Fill, Predictions } from './predictions.ts';

/**
 * Runs a network over rows, in batches, on the current backend. Leaves no tensor behind.
 *
 * @param rows numbers of the rows, in the order of the result @param fill writes the network input of rows
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

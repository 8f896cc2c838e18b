import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { BlobStore } from '../../platform/schemas/index.ts';
import type { AdamOptimizer } from './optimizer.ts';
import type { Fill, Predictions } from './predict-all.ts';
import type { SavedModel } from './saved-model.ts';

/*
 * What computes on tensors, loaded at its first use: a run that finds everything done only chooses a backend
 * and should not wait for the tensor library.
 */

/**
 * Stores a model: its topology with the weights' names and shapes as canonical JSON, its weights as float32
 * little endian one after another. The optimiser is not stored.
 */
export async function saveModel(store: BlobStore, model: LayersModel): Promise<SavedModel> {
  const { saveModel: save } = await import('./saved-model.ts');
  return save(store, model);
}

/**
 * Loads a model that {@link saveModel} stored, onto the current backend. The caller disposes it.
 *
 * @throws MainstemError STORE_MISSING, STORE_CORRUPT, JSON_INVALID
 */
export async function loadModel(
  store: BlobStore,
  saved: Pick<SavedModel, 'topology' | 'weights'>,
): Promise<LayersModel> {
  const { loadModel: load } = await import('./saved-model.ts');
  return load(store, saved);
}

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
  const { predictAll: predict } = await import('./predict-all.ts');
  return predict(model, rows, fill, batchSize);
}

/** An Adam optimiser for the current backend. The caller disposes it. */
export async function createOptimizer(learningRate: number): Promise<AdamOptimizer> {
  const { AdamOptimizer: Adam } = await import('./optimizer.ts');
  return new Adam(learningRate);
}

import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { BlobStore } from '../../platform/schemas/index.ts';
import type { SavedModel } from './saved-model.ts';

/**
 * Stores a model: its topology with the weights' names and shapes as canonical JSON, its weights as float32
 * little endian one after another. The optimiser is not stored.
 */
export async function saveModel(store: BlobStore, model: LayersModel): Promise<SavedModel> {
  const { writeModel } = await import('./saved-model.ts');
  return writeModel(store, model);
}

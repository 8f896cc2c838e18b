import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { BlobStore } from '../../platform/schemas/index.ts';
import type { SavedModel } from './saved-model.ts';

/**
 * Loads a model that `saveModel` stored, onto the current backend. The caller disposes it.
 *
 * @throws MainstemError STORE_MISSING, STORE_CORRUPT, JSON_INVALID
 */
export async function loadModel(
  store: BlobStore,
  saved: Pick<SavedModel, 'topology' | 'weights'>,
): Promise<LayersModel> {
  const { readModel } = await import('./saved-model.ts');
  return readModel(store, saved);
}

import type { BlobStore, LockedDataset } from '../../platform/schemas/index.ts';
import type { SeenPhotos } from './origin.ts';

/**
 * The photos that a locked backbone has learnt from; null if it is no promoted model.
 *
 * @throws MainstemError BACKBONE_UNSUPPORTED, BACKBONE_ORIGIN, STORE_MISSING, STORE_CORRUPT
 */
export async function seenPhotos(
  store: BlobStore,
  dataset: LockedDataset,
): Promise<Pick<SeenPhotos, 'has'> | null> {
  // Loaded here, because a command that only plans needs no ONNX files.
  const { loadSeenPhotos } = await import('./load-backbone.ts');
  return loadSeenPhotos(store, dataset);
}

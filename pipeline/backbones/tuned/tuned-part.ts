import type { TunedFrom } from '../../../platform/schemas/define/index.ts';
import type { BlobStore, Preprocessing } from '../../../platform/schemas/index.ts';
import type { BackboneInput } from '../load-backbone.ts';
import type { LoadedTuned } from './load-tuned.ts';

/**
 * The part of a locked backbone that is trained, as layers on the current tensor backend.
 *
 * @throws MainstemError FINE_TUNE_UNSUPPORTED, BACKBONE_UNSUPPORTED, STORE_MISSING, STORE_CORRUPT
 */
export async function tunedPart(
  store: BlobStore,
  backbone: BackboneInput,
  { from, preprocessing }: { readonly from: TunedFrom; readonly preprocessing: Preprocessing },
): Promise<LoadedTuned> {
  if (preprocessing.kind !== 'image') throw new Error('a backbone takes pictures');
  // Loaded here, because a command that only plans needs no tensor library.
  const { loadTuned } = await import('./load-tuned.ts');
  return loadTuned(store, backbone, { from, preprocessing });
}

import type { BlobStore, Preprocessing } from '../../platform/schemas/index.ts';
import type { OnnxGraph } from '../onnx/index.ts';
import type { BackboneInput } from './load-backbone.ts';

/**
 * Starts the file of a model on top of a locked backbone, as `graft` does.
 *
 * @throws MainstemError BACKBONE_UNSUPPORTED, STORE_MISSING, STORE_CORRUPT
 */
export async function startOnBackbone(
  store: BlobStore,
  backbone: BackboneInput,
  preprocessing: Preprocessing,
): Promise<{ graph: OnnxGraph; input: string }> {
  if (preprocessing.kind !== 'image') throw new Error('a backbone takes pictures');
  // Loaded here, because a command that only plans needs no ONNX files.
  const [{ graft }, { loadBackbone }] = await Promise.all([
    import('./graft.ts'),
    import('./load-backbone.ts'),
  ]);
  return graft(await loadBackbone(store, backbone), { preprocessing, pixels: backbone.pixels });
}

import type { BlobStore, ImagePreprocessing, Preprocessing } from '../../platform/schemas/index.ts';
import type { Grafted, Pictures } from './graft.ts';
import type { BackboneInput } from './load-backbone.ts';
import type { Backbone } from './parse-backbone.ts';

/**
 * Starts the file of a model on top of a locked backbone, as `graft` does.
 *
 * @throws MainstemError BACKBONE_UNSUPPORTED, STORE_MISSING, STORE_CORRUPT
 */
export async function startOnBackbone(
  store: BlobStore,
  backbone: BackboneInput,
  preprocessing: Preprocessing,
): Promise<Grafted> {
  const { graft, parsed, pictures } = await load(store, backbone, picturesOnly(preprocessing));
  return graft(parsed, pictures);
}

/**
 * Starts the file of a model on top of the frozen part of a locked backbone.
 *
 * @param start the tensor at which the part begins that was trained, and what the network takes of it
 * @throws MainstemError BACKBONE_UNSUPPORTED, STORE_MISSING, STORE_CORRUPT
 */
export async function startOnFrozen(
  store: BlobStore,
  backbone: BackboneInput,
  preprocessing: Preprocessing,
  { start, shape }: { readonly start: string; readonly shape: readonly number[] },
): Promise<Grafted> {
  const frozen = { ...backbone, features: start };
  const { graftMaps, parsed, pictures } = await load(store, frozen, picturesOnly(preprocessing));
  return graftMaps(parsed, pictures, shape.length);
}

function picturesOnly(preprocessing: Preprocessing): ImagePreprocessing {
  if (preprocessing.kind !== 'image') throw new Error('a backbone takes pictures');
  return preprocessing;
}

async function load(
  store: BlobStore,
  backbone: BackboneInput,
  preprocessing: ImagePreprocessing,
): Promise<
  Pick<typeof import('./graft.ts'), 'graft' | 'graftMaps'> & {
    readonly parsed: Backbone;
    readonly pictures: Pictures;
  }
> {
  // Loaded here, because a command that only plans needs no ONNX files.
  const [{ graft, graftMaps }, { loadBackbone }] = await Promise.all([
    import('./graft.ts'),
    import('./load-backbone.ts'),
  ]);
  const parsed = await loadBackbone(store, backbone);
  return { graft, graftMaps, parsed, pictures: { preprocessing, pixels: backbone.pixels } };
}

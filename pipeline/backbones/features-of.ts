import type { BlobStore, ImagePreprocessing } from '../../platform/schemas/index.ts';
import { scaleImage } from '../../platform/transforms/index.ts';
import type { BackboneInput } from './load-backbone.ts';

/**
 * The features of a few pictures, one after another.
 *
 * @param pictures decoded, as the stage "prepare" leaves them
 * @throws MainstemError BACKBONE_UNSUPPORTED, STORE_MISSING, STORE_CORRUPT
 */
export async function featuresOf(
  store: BlobStore,
  backbone: BackboneInput,
  preprocessing: ImagePreprocessing,
  pictures: readonly Uint8Array[],
): Promise<Float32Array> {
  // Loaded here, because a command that only plans needs no ONNX files.
  const [{ buildExtractor }, { loadBackbone }, { openExtractor }] = await Promise.all([
    import('./build-extractor.ts'),
    import('./load-backbone.ts'),
    import('./open-extractor.ts'),
  ]);
  const { size } = preprocessing;
  const parsed = await loadBackbone(store, backbone);
  const onnx = buildExtractor(parsed, { preprocessing, pixels: backbone.pixels });
  const { path } = backbone.dataset;
  await using extract = await openExtractor(onnx, { size, path });
  const values = new Float32Array(pictures.length * size * size * 3);
  for (const [at, picture] of pictures.entries()) {
    scaleImage(picture, preprocessing, values, at * size * size * 3);
  }
  return await extract.run(values, pictures.length);
}

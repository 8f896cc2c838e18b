import { MainstemError } from '../../platform/lib/errors.ts';
import { imagePreprocessing } from '../../platform/transforms/index.ts';
import { imageNetPixels } from './catalogue.ts';
import type { ParseOptions } from './parse-backbone.ts';

/** Pictures for a backbone that takes any size: what those of ImageNet were trained with. */
const usualSize = 224;
/** More are the maps of a layer in the middle, not what a network makes of a picture. */
const widest = 8192;

/** What a file gives as a backbone. */
export interface ProbedBackbone {
  /** Pixels per side. */
  readonly size: number;
  /** The tensor with the features, and how many there are. */
  readonly features: string;
  readonly width: number;
}

/**
 * Tries a file as a backbone, with two grey pictures.
 *
 * @throws MainstemError BACKBONE_UNSUPPORTED saying what about it cannot be used
 */
export async function probeBackbone(
  bytes: Uint8Array,
  options: ParseOptions,
): Promise<ProbedBackbone> {
  // Loaded here, because a command that only plans needs no ONNX files.
  const [{ parseBackbone }, { buildExtractor }, { openExtractor }] = await Promise.all([
    import('./parse-backbone.ts'),
    import('./build-extractor.ts'),
    import('./open-extractor.ts'),
  ]);
  const backbone = parseBackbone(bytes, options);
  const size = backbone.size ?? usualSize;
  const preprocessing = imagePreprocessing(size);
  const onnx = buildExtractor(backbone, { preprocessing, pixels: imageNetPixels });
  await using extractor = await openExtractor(onnx, { size, path: options.path });
  const pictures = new Float32Array(2 * size * size * 3).fill(0.5);
  const width = (await extractor.run(pictures, 2)).length / 2;
  if (width > widest) {
    const reason = `the features ${backbone.features} are ${width} numbers; name a tensor of at most ${widest}`;
    throw new MainstemError('BACKBONE_UNSUPPORTED', { path: options.path, reason });
  }
  return { size, features: backbone.features, width };
}

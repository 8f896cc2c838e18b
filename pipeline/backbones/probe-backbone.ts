import { MainstemError } from '../../platform/lib/errors.ts';
import { createRandom } from '../../platform/lib/random.ts';
import { imageSizes } from '../../platform/schemas/define/index.ts';
import { imagePreprocessing } from '../../platform/transforms/index.ts';
import { imageNetPixels } from './catalogue.ts';
import type { Extractor } from './open-extractor.ts';
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
  /** Whether it takes pixels as they are stored, 0 to 255. */
  readonly takesBytes: boolean;
}

/** How many pictures are tried: enough for one to stand at the end of a batch, and one amid it. */
const tried = 3;
/** Sums that another kernel adds up in another order differ by less, as a share of the largest feature. */
const tolerance = 1e-4;

/**
 * Tries a file as a backbone, with pictures that differ: each alone, all as one batch, and each alone again.
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
  assertSize(size, options.path);
  const preprocessing = imagePreprocessing(size);
  const onnx = buildExtractor(backbone, { preprocessing, pixels: imageNetPixels });
  await using extractor = await openExtractor(onnx, { size, path: options.path });
  const runs = await runPictures(extractor, size);
  const fault = findFault(runs, backbone.features);
  if (fault) {
    throw new MainstemError('BACKBONE_UNSUPPORTED', { path: options.path, reason: fault });
  }
  const { features, takesBytes } = backbone;
  return { size, features, width: runs.batch.length / tried, takesBytes };
}

/** No parameters can ask for others; some would not even fit into memory. */
function assertSize(size: number, path: string): void {
  const { least, most } = imageSizes;
  if (size >= least && size <= most) return;
  const reason = `it takes pictures of ${size} by ${size} pixels, and only ${least} to ${most} are possible`;
  throw new MainstemError('BACKBONE_UNSUPPORTED', { path, reason });
}

/** The features of the same pictures by three ways. */
interface ProbeRuns {
  readonly alone: readonly Float32Array[];
  readonly batch: Float32Array;
  readonly again: readonly Float32Array[];
}

async function runPictures(extractor: Extractor, size: number): Promise<ProbeRuns> {
  const length = size * size * 3;
  const pictures = drawPictures(length);
  const oneByOne = async () => {
    const features: Float32Array[] = [];
    for (let at = 0; at < tried; at++) {
      const picture = pictures.slice(at * length, (at + 1) * length);
      features.push((await extractor.run(picture, 1)).slice());
    }
    return features;
  };
  const alone = await oneByOne();
  return { alone, batch: (await extractor.run(pictures, tried)).slice(), again: await oneByOne() };
}

/** Noise of three kinds, as the input of every network for images has it: dark, of all colours, bright. */
function drawPictures(length: number): Float32Array {
  const random = createRandom('pictures to try a backbone with');
  return Float32Array.from({ length: tried * length }, (_, at) => {
    const kind = Math.floor(at / length);
    return kind === 1 ? random.next() : (kind / 2 + random.next()) / 2;
  });
}

/** What keeps the features from being used; null if nothing does. */
function findFault({ alone, batch, again }: ProbeRuns, name: string): string | null {
  const width = alone[0]?.length ?? 0;
  if (batch.length !== tried * width) {
    return `the features ${name} are ${width} numbers for one picture and ${batch.length} for ${tried}`;
  }
  if (width === 0 || width > widest) {
    return `the features ${name} are ${width} numbers; name a tensor of 1 to ${widest}`;
  }
  const features = Float32Array.from(alone.flatMap((row) => [...row]));
  const allowed = tolerance * features.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const differs = (others: Float32Array) =>
    features.some((value, at) => !(Math.abs(value - (others[at] ?? Number.NaN)) <= allowed));
  if (differs(Float32Array.from(again.flatMap((row) => [...row])))) {
    return `the features ${name} of one picture differ from run to run: something in it is random`;
  }
  if (differs(batch)) {
    return `the features ${name} of a picture depend on the other pictures of its batch`;
  }
  const [first, ...others] = alone;
  if (others.every((row) => row.every((value, at) => value === first?.[at]))) {
    return `the features ${name} are the same for every picture`;
  }
  return null;
}

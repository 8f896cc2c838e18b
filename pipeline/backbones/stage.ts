import { availableParallelism } from 'node:os';
import { MainstemError } from '../../platform/lib/errors.ts';
import { type Digest, digestBytes } from '../../platform/lib/hash.ts';
import type {
  BlobStore,
  ImagePreprocessing,
  PreparedIndex,
  PrepareOutput,
} from '../../platform/schemas/index.ts';
// Types only: the features do not depend on the engine's code.
import type { StageWork } from '../engine/index.ts';
import { encodeIndex, indexMediaType, readPrepared } from '../prepare/index.ts';
import { buildExtractor } from './build-extractor.ts';
import { computeFeatures } from './compute-features.ts';
import { noteFeatures, readKnownFeatures } from './known-features.ts';
import { type BackboneInput, loadBackbone } from './load-backbone.ts';
import { openExtractor } from './open-extractor.ts';
import type { Backbone } from './parse-backbone.ts';

/** The inputs of computing features. */
export interface EmbedInputs {
  /** Pictures of the size that the backbone takes. */
  readonly prepared: PrepareOutput;
  readonly backbone: BackboneInput;
}

const shardBytes = 32 * 1024 * 1024;

/**
 * Computes the features of prepared pictures with a frozen backbone, on all cores, and leaves them as prepared rows of
 * float32. Photos whose features an earlier run left cost nothing.
 *
 * @throws MainstemError BACKBONE_UNSUPPORTED, STORE_MISSING, STORE_CORRUPT
 */
export const embedStage: StageWork<EmbedInputs, PrepareOutput> = {
  entry: import.meta.filename,
  parameters: [],
  resources: { cpus: 2, memoryMb: 1024 },
  async run({ store, workspace }, { prepared, backbone }) {
    const data = await readPrepared(store, prepared);
    const { preprocessing, rows } = data.index;
    if (preprocessing.kind !== 'image') throw new Error('a backbone takes pictures');
    const parsed = await loadBackbone(store, backbone);
    assertSize(parsed, preprocessing, backbone.dataset.path);
    const onnx = buildExtractor(parsed, { preprocessing, pixels: backbone.pixels });
    const digest = digestBytes(onnx);
    const known = await readKnownFeatures(workspace.root, store, digest);
    const { path } = backbone.dataset;
    const threads = availableParallelism();
    await using extract = await openExtractor(onnx, { size: preprocessing.size, path, threads });
    const pixels = rows.map((_, row) => digestBytes(data.row(row)));
    const features = await computeFeatures({ workspace, data, extract, known, pixels });
    const width = (features.get(pixels[0] ?? 'sha256:')?.length ?? 0) / 4;
    const shards = await storeShards(store, pixels, features, width * 4);
    const index: PreparedIndex = { ...data.index, dtype: 'float32', shape: [width], shards };
    const output = {
      index: await store.put(encodeIndex(index), indexMediaType),
      shards: shards.map(({ artefact }) => artefact),
      rows: rows.length,
    };
    await noteFeatures(workspace.root, digest, { output, pixels });
    return output;
  },
};

function assertSize({ size }: Backbone, preprocessing: ImagePreprocessing, path: string): void {
  if (size === null || size === preprocessing.size) return;
  const reason = `it takes pictures of ${size} pixels, but imageSize is ${preprocessing.size}`;
  throw new MainstemError('BACKBONE_UNSUPPORTED', { path, reason });
}

async function storeShards(
  store: BlobStore,
  pixels: readonly Digest[],
  features: ReadonlyMap<Digest, Uint8Array>,
  rowBytes: number,
): Promise<PreparedIndex['shards']> {
  const rowsPerShard = Math.max(1, Math.floor(shardBytes / Math.max(1, rowBytes)));
  const shards: PreparedIndex['shards'] = [];
  for (let first = 0; first < pixels.length; first += rowsPerShard) {
    const part = pixels.slice(first, first + rowsPerShard);
    const bytes = new Uint8Array(part.length * rowBytes);
    for (const [at, digest] of part.entries()) {
      bytes.set(features.get(digest) ?? new Uint8Array(0), at * rowBytes);
    }
    shards.push({ artefact: await store.put(bytes), rows: part.length });
  }
  return shards;
}

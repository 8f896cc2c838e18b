import { MainstemError } from '../../platform/lib/errors.ts';
import { digestBytes } from '../../platform/lib/hash.ts';
import type {
  ImagePreprocessing,
  PreparedIndex,
  PrepareOutput,
} from '../../platform/schemas/index.ts';
import type { StageContext } from '../engine/index.ts';
import { encodeIndex, indexMediaType, packShards, readPrepared } from '../prepare/index.ts';
import { buildExtractor } from './build-extractor.ts';
import { computeFeatures } from './compute-features.ts';
import type { EmbedInputs } from './inputs.ts';
import { noteFeatures, readKnownFeatures } from './known-features.ts';
import { loadBackbone } from './load-backbone.ts';
import { openExtractor } from './open-extractor.ts';
import type { Backbone } from './parse-backbone.ts';

/** Does what the stage says. @throws MainstemError BACKBONE_UNSUPPORTED, STORE_MISSING, STORE_CORRUPT */
export async function embed(
  { store, workspace }: StageContext,
  { prepared, backbone }: EmbedInputs,
): Promise<PrepareOutput> {
  const data = await readPrepared(store, prepared);
  const { preprocessing, rows } = data.index;
  if (preprocessing.kind !== 'image') throw new Error('a backbone takes pictures');
  const parsed = await loadBackbone(store, backbone);
  assertSize(parsed, preprocessing, backbone.dataset.path);
  const onnx = buildExtractor(parsed, { preprocessing, pixels: backbone.pixels });
  const digest = digestBytes(onnx);
  const known = await readKnownFeatures(workspace.root, store, digest);
  const { path } = backbone.dataset;
  const pixels = rows.map((_, row) => digestBytes(data.row(row)));
  const runs = new Set(pixels.filter((one) => !known.has(one))).size;
  await using extract = await openExtractor(onnx, { size: preprocessing.size, path, runs });
  const features = await computeFeatures({ workspace, data, extract, known, pixels });
  const vectors = pixels.map((one) => features.get(one) ?? new Uint8Array());
  const rowBytes = vectors[0]?.length ?? 0;
  const shards = await packShards({ store, workspace }, vectors, rowBytes, Buffer.concat);
  const index: PreparedIndex = { ...data.index, dtype: 'float32', shape: [rowBytes / 4], shards };
  const output = {
    index: await store.put(encodeIndex(index), indexMediaType),
    shards: shards.map(({ artefact }) => artefact),
    rows: rows.length,
  };
  await noteFeatures(workspace.root, digest, { output, pixels });
  return output;
}

function assertSize({ size }: Backbone, preprocessing: ImagePreprocessing, path: string): void {
  if (size === null || size === preprocessing.size) return;
  const reason = `it takes pictures of ${size} pixels, but imageSize is ${preprocessing.size}`;
  throw new MainstemError('BACKBONE_UNSUPPORTED', { path, reason });
}

import { digestBytes } from '../../platform/lib/hash.ts';
import type { PreparedIndex, PrepareOutput } from '../../platform/schemas/index.ts';
import type { StageContext } from '../engine/index.ts';
import { encodeIndex, indexMediaType, type PreparedData, packShards } from '../prepare/index.ts';
import { computeFeatures } from './compute-features.ts';
import { noteFeatures, readKnownFeatures } from './known-features.ts';
import { openExtractor } from './open-extractor.ts';

/** What is run over pictures. */
export interface RowsExtractor {
  readonly onnx: Uint8Array;
  /** What to call the backbone in an error. */
  readonly path: string;
  /** Pixels per side. */
  readonly size: number;
  /** Of what it gives for a picture. @default a row of numbers */
  readonly shape?: readonly number[];
}

/**
 * Runs a network over prepared pictures, on all cores, and leaves what it gives as prepared rows of float32. What an
 * earlier run left of it costs nothing.
 *
 * @throws MainstemError BACKBONE_UNSUPPORTED
 */
export async function embedRows(
  { store, workspace }: Pick<StageContext, 'store' | 'workspace'>,
  data: PreparedData,
  { onnx, path, size, shape }: RowsExtractor,
): Promise<PrepareOutput> {
  const { rows } = data.index;
  const digest = digestBytes(onnx);
  const known = await readKnownFeatures(workspace.root, store, digest);
  const pixels = rows.map((_, row) => digestBytes(data.row(row)));
  const runs = new Set(pixels.filter((one) => !known.has(one))).size;
  await using extract = await openExtractor(onnx, { size, path, runs });
  const features = await computeFeatures({ workspace, data, extract, known, pixels });
  const vectors = pixels.map((one) => features.get(one) ?? new Uint8Array());
  const rowBytes = vectors[0]?.length ?? 0;
  const shards = await packShards({ store, workspace }, vectors, rowBytes, Buffer.concat);
  const index: PreparedIndex = {
    ...{ ...data.index, dtype: 'float32', shape: [...(shape ?? [rowBytes / 4])] },
    shards,
  };
  const output = {
    index: await store.put(encodeIndex(index), indexMediaType),
    shards: shards.map(({ artefact }) => artefact),
    rows: rows.length,
  };
  await noteFeatures(workspace.root, digest, { output, pixels });
  return output;
}

import type {
  BlobStore,
  ModelRecord,
  PreparedRow,
  PrepareOutput,
} from '../../platform/schemas/index.ts';
import { openSession, runRows } from '../onnx/index.ts';
import type { PreparedData } from '../prepare/index.ts';
import type { PreparedReader } from './prepared-reader.ts';
import type { Space, SpaceKind } from './space.ts';
import { columnPoints, featurePoints, pixelPoints, withUnitLength } from './to-points.ts';

/** What examples are read from; a model's record has all of it. */
export interface SpaceSource {
  readonly prepared: PrepareOutput;
  /** The features of its backbone. */
  readonly embedded?: PrepareOutput | undefined;
  readonly package: Pick<ModelRecord['package'], 'onnx'>;
}

/** The examples of a model, to be read as points. */
export interface OpenSpace {
  readonly kind: SpaceKind;
  /** All examples; others name them by their place here. */
  readonly rows: readonly PreparedRow[];
  /** Reads some of them, in their order. */
  read(rows: readonly number[]): Promise<Space>;
}

/**
 * Opens the first of some spaces that a model's examples have.
 *
 * @returns null if they have none of them, or the store lacks what they are read from
 * @throws MainstemError STORE_CORRUPT, JSON_INVALID; Error of ONNX Runtime if the model cannot be run
 */
export async function openSpace(
  reader: PreparedReader,
  source: SpaceSource,
  kinds: readonly SpaceKind[],
): Promise<OpenSpace | null> {
  for (const kind of kinds) {
    const output = kind === 'features' ? source.embedded : source.prepared;
    const data = output && (await reader.data(output));
    const found = data && openKind(reader.store, source, data, kind);
    if (found) return found;
  }
  return null;
}

function openKind(
  store: BlobStore,
  source: SpaceSource,
  data: PreparedData,
  kind: SpaceKind,
): OpenSpace | null {
  const { rows, preprocessing } = data.index;
  const photos = preprocessing.kind === 'image';
  switch (kind) {
    case 'features':
      return { kind, rows, read: async (some) => featurePoints(data, some) };
    case 'columns':
      return photos ? null : { kind, rows, read: async (some) => columnPoints(data, some) };
    case 'pixels':
      return photos ? { kind, rows, read: async (some) => pixelPoints(data, some) } : null;
    case 'network':
      return { kind, rows, read: (some) => networkPoints(store, source, data, some) };
  }
}

/** What the packaged model's last layer reads. */
async function networkPoints(
  store: BlobStore,
  source: SpaceSource,
  data: PreparedData,
  rows: readonly number[],
): Promise<Space> {
  const onnx = await store.get(source.package.onnx.digest);
  await using session = await openSession(onnx, data.index.shape);
  const { embedding: points } = await runRows(session, data, rows);
  const width = rows.length === 0 ? 0 : points.length / rows.length;
  return withUnitLength({ kind: 'network', width, points });
}

import type { Digest } from '../../platform/lib/hash.ts';
import type { Workspace } from '../../platform/schemas/index.ts';
import type { PreparedData } from '../prepare/index.ts';
import type { KnownFeatures } from './known-features.ts';
import type { Extractor } from './open-extractor.ts';

const batchSize = 16;

/** What features are computed from. */
export interface Computing {
  readonly workspace: Workspace;
  readonly data: PreparedData;
  readonly extract: Extractor;
  readonly known: KnownFeatures;
  /** Digest of each row's pixels. */
  readonly pixels: readonly Digest[];
}

/** The features of every photo, as bytes, by the digest of its pixels; those that are known are not computed again. */
export async function computeFeatures(computing: Computing): Promise<Map<Digest, Uint8Array>> {
  const { known, workspace, pixels } = computing;
  const { signal, reporter } = workspace;
  const features = new Map<Digest, Uint8Array>();
  const missing = new Map<Digest, number>();
  for (const [row, digest] of pixels.entries()) {
    const bytes = known.get(digest);
    if (bytes) features.set(digest, bytes);
    else missing.set(digest, row);
  }
  if (features.size > 0) reporter.info(`Features of ${features.size} photos are known.`);
  const progress = reporter.progress('Computing features', missing.size, 'photos');
  const waiting = [...missing];
  try {
    for (let first = 0; first < waiting.length; first += batchSize) {
      signal.throwIfAborted();
      const batch = waiting.slice(first, first + batchSize);
      const found = await runBatch(
        computing,
        batch.map(([, row]) => row),
      );
      for (const [at, [digest]] of batch.entries()) features.set(digest, found[at] ?? noBytes);
      progress.update(first + batch.length);
    }
  } finally {
    progress.end();
  }
  return features;
}

const noBytes = new Uint8Array(0);

async function runBatch(
  { data, extract }: Computing,
  rows: readonly number[],
): Promise<Uint8Array[]> {
  const values = new Float32Array(rows.length * data.rowLength);
  data.fill(values, rows);
  const output = await extract.run(values, rows.length);
  const width = output.length / rows.length;
  return rows.map((_, at) => new Uint8Array(output.slice(at * width, (at + 1) * width).buffer));
}

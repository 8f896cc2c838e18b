import type { Digest } from '../../platform/lib/hash.ts';
import { inLanes } from '../../platform/lib/in-lanes.ts';
import { mostThreads } from '../../platform/lib/threads.ts';
import type { Workspace } from '../../platform/schemas/index.ts';
import type { PreparedData } from '../prepare/index.ts';
import type { KnownFeatures } from './known-features.ts';
import type { Extractor } from './open-extractor.ts';

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
  let done = 0;
  try {
    // One picture a run, a run on each core: nothing waits for the slowest thread, and no sum depends on how many there are.
    await inLanes([...missing], mostThreads, async ([digest, row]) => {
      signal.throwIfAborted();
      features.set(digest, await featuresOf(computing, row));
      progress.update(++done);
    });
  } finally {
    progress.end();
  }
  return features;
}

async function featuresOf({ data, extract }: Computing, row: number): Promise<Uint8Array> {
  const values = new Float32Array(data.rowLength);
  data.fill(values, [row]);
  const features = await extract.run(values, 1);
  return new Uint8Array(features.slice().buffer);
}

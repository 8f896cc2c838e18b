import { digestJson, hexOf } from '../../platform/lib/hash.ts';
import type { BlobStore, ModelRecord } from '../../platform/schemas/index.ts';
import { buildRecord, pumpkins } from './model-repository.ts';

/** A candidate with everything it needs in the store; another seed gives another run. */
export async function buildCandidate(store: BlobStore, seed: string): Promise<ModelRecord> {
  const put = (what: string) =>
    store.put(new TextEncoder().encode(`${what} of ${seed}`), 'text/plain');
  const key = digestJson(seed);
  const record = buildRecord(pumpkins, await put('onnx'), hexOf(key).slice(0, 12));
  const [topology, weights, predictions, index] = await Promise.all(
    ['topology', 'weights', 'predictions', 'index'].map(put),
  );
  if (!topology || !weights || !predictions || !index)
    throw new Error('the store lost an artefact');
  return {
    ...record,
    key,
    prepared: { ...record.prepared, index },
    training: { ...record.training, topology, weights },
    evaluation: {
      ...record.evaluation,
      metrics: [{ name: 'accuracy', value: 0.95, better: 'higher' }],
      predictions,
    },
  };
}

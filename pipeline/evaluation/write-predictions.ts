import { encodeLines } from '../../platform/lib/json-lines.ts';
import type { Artefact, BlobStore, Prediction } from '../../platform/schemas/index.ts';
import type { Decided } from './answer.ts';

const mediaType = 'application/x-ndjson';

/** Stores predictions as JSON lines. Equal predictions give equal bytes. */
export async function writePredictions(
  store: BlobStore,
  predictions: readonly Prediction[],
): Promise<Artefact> {
  return store.put(encodeLines(predictions.map((one) => JSON.stringify(one))), mediaType);
}

/** The stored form of a decided row. @param dataset name of its dataset in data.lock.json */
export function predictionOf(decided: Decided, dataset: string): Prediction {
  const { row, predicted, probabilities, score, accepted } = decided;
  const { id, row: place, digest, split, label } = row;
  return {
    id,
    ...(place !== undefined && { row: place }),
    digest,
    dataset,
    split,
    label,
    predicted,
    probabilities: [...probabilities],
    score,
    accepted,
  };
}

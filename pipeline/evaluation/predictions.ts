import { parseJson } from '../../platform/lib/json.ts';
import { type Artefact, type BlobStore, Prediction } from '../../platform/schemas/index.ts';
import type { Decided } from './answer.ts';

const mediaType = 'application/x-ndjson';

/** Reads stored predictions. @throws MainstemError STORE_MISSING, STORE_CORRUPT, JSON_INVALID */
export async function readPredictions(store: BlobStore, artefact: Artefact): Promise<Prediction[]> {
  const text = new TextDecoder().decode(await store.get(artefact.digest));
  return text
    .split('\n')
    .filter(Boolean)
    .map((line, index) => parseJson(line, Prediction, `predictions line ${index + 1}`));
}

/** Stores predictions as JSON lines. Equal predictions give equal bytes. */
export async function writePredictions(
  store: BlobStore,
  predictions: readonly Prediction[],
): Promise<Artefact> {
  const lines = predictions.map((prediction) => `${JSON.stringify(prediction)}\n`);
  return store.put(new TextEncoder().encode(lines.join('')), mediaType);
}

/** A decided row as it is stored. @param dataset its name in data.lock.json */
export function predictionOf(decided: Decided, dataset: string): Prediction {
  const { row, predicted, probabilities, score, accepted } = decided;
  const { id, digest, split, label } = row;
  return {
    id,
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

import { parseJson } from '../../platform/lib/json.ts';
import { type Artefact, type BlobStore, Prediction } from '../../platform/schemas/index.ts';

/** Reads stored predictions. @throws MainstemError STORE_MISSING, STORE_CORRUPT, JSON_INVALID */
export async function readPredictions(store: BlobStore, artefact: Artefact): Promise<Prediction[]> {
  const text = new TextDecoder().decode(await store.get(artefact.digest));
  return text
    .split('\n')
    .filter(Boolean)
    .map((line, index) => parseJson(line, Prediction, `predictions line ${index + 1}`));
}

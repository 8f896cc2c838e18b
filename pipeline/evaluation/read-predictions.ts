import { parseJson } from '../../platform/lib/json.ts';
import { decodeLines } from '../../platform/lib/json-lines.ts';
import { type Artefact, type BlobStore, Prediction } from '../../platform/schemas/index.ts';

/** Reads stored predictions. @throws MainstemError STORE_MISSING, STORE_CORRUPT, JSON_INVALID */
export async function readPredictions(store: BlobStore, artefact: Artefact): Promise<Prediction[]> {
  const lines = decodeLines(await store.get(artefact.digest));
  return Array.from(lines, (line, index) =>
    parseJson(line, Prediction, `predictions line ${index + 1}`),
  );
}

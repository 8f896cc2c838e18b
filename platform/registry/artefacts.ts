import type { Artefact, BlobStore, ModelRecord } from '../schemas/index.ts';

/** A record's artefact with the name people know it by. */
export interface NamedArtefact {
  readonly name: string;
  readonly artefact: Artefact;
}

/** What a promoted model needs in the store: to serve, to be compared with, to be trained further. */
export function artefactsOf(record: ModelRecord): readonly NamedArtefact[] {
  return [
    { name: 'ONNX model', artefact: record.package.onnx },
    { name: 'weights', artefact: record.training.weights },
    { name: 'topology', artefact: record.training.topology },
    { name: 'predictions', artefact: record.evaluation.predictions },
    { name: 'preprocessing', artefact: record.prepared.index },
  ];
}

/** Those of the record's artefacts that the store lacks. */
export async function missingArtefacts(
  store: BlobStore,
  record: ModelRecord,
): Promise<NamedArtefact[]> {
  const missing: NamedArtefact[] = [];
  for (const named of artefactsOf(record)) {
    if (!(await store.has(named.artefact.digest))) missing.push(named);
  }
  return missing;
}

import type { Artefact, CheckedStore, ModelRecord } from '../schemas/index.ts';

/** An artefact of a record, with the name that people know it by. */
export interface NamedArtefact {
  readonly name: string;
  readonly artefact: Artefact;
}

/**
 * What a promoted model needs in the store: to serve, to be compared with a candidate, to be trained further.
 *
 * @example artefactsOf(record).map(({ name }) => name)
 * // ['ONNX model', 'weights', 'topology', 'predictions', 'preprocessing']
 */
export function artefactsOf(record: ModelRecord): readonly NamedArtefact[] {
  return [
    { name: 'ONNX model', artefact: record.package.onnx },
    { name: 'weights', artefact: record.training.weights },
    { name: 'topology', artefact: record.training.topology },
    { name: 'predictions', artefact: record.evaluation.predictions },
    { name: 'preprocessing', artefact: record.prepared.index },
  ];
}

/**
 * The artefacts of a record that the store lacks, or holds damaged; empty if the model can serve.
 *
 * @example (await missingArtefacts(store, record)).map(({ name }) => name) // ['ONNX model']
 */
export async function missingArtefacts(
  store: CheckedStore,
  record: ModelRecord,
): Promise<NamedArtefact[]> {
  const missing: NamedArtefact[] = [];
  for (const named of artefactsOf(record)) {
    if (!(await store.isIntact(named.artefact.digest))) missing.push(named);
  }
  return missing;
}

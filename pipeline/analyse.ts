import type { Analysis, ModelRecord, Prediction } from '../platform/schemas/index.ts';
import type { ProjectContext } from './context.ts';
import { analyseErrors } from './evaluation/index.ts';
import { readIndex } from './prepare/index.ts';

/**
 * Looks for what a model's errors have in common.
 *
 * @param predictions of the candidate, as they were measured
 * @throws MainstemError STORE_MISSING, STORE_CORRUPT, JSON_INVALID
 */
export async function analyse(
  { store, project }: ProjectContext,
  candidate: ModelRecord,
  predictions: readonly Prediction[],
): Promise<Analysis> {
  const { task, data, table, split, sensitive } = project.definition;
  const { rows } = await readIndex(store, candidate.prepared);
  return analyseErrors({
    ...{ task, predictions, rows, sensitive, dataset: data.name },
    classes: candidate.classes,
    without: [table?.label, split.group].filter((column) => column !== undefined),
  });
}

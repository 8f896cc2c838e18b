import type { ReportInputs } from '../platform/report/index.ts';
import type { ModelRecord, Prediction } from '../platform/schemas/index.ts';
import { analyse } from './analyse.ts';
import { findAttainable } from './attainable.ts';
import type { ProjectContext } from './context.ts';
import { createPreparedReader } from './embeddings/index.ts';
import { findNearDuplicates } from './near-duplicates.ts';
import { rank } from './rank.ts';

/** What a model's examples say of it, beyond its metrics. */
export type Examined = Pick<ReportInputs, 'analysis' | 'attainable' | 'nearDuplicates' | 'ranking'>;

/**
 * Looks into a model's examples, which are read once for all that is asked of them.
 *
 * @param model by whose prepared data and features it is done @param predictions as they were measured
 * @param champion whose examples are new or not; null without one
 * @throws MainstemError STORE_MISSING, STORE_CORRUPT, JSON_INVALID; Error of ONNX Runtime if the file does not fit the data
 */
export async function examine(
  context: ProjectContext,
  model: ModelRecord,
  predictions: readonly Prediction[],
  champion: ModelRecord | null,
): Promise<Examined> {
  const reader = createPreparedReader(context.store);
  const { group } = context.project.definition.split;
  return {
    nearDuplicates: await findNearDuplicates(context, reader, model, champion),
    analysis: await analyse(context, reader, model, predictions),
    attainable: await findAttainable(reader, model, predictions, group),
    ranking: await rank(context, model),
  };
}

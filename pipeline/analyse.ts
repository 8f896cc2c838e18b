import { ownValue } from '../platform/lib/own-value.ts';
import type { Analysis, ModelRecord, Prediction } from '../platform/schemas/index.ts';
import { readTable } from '../platform/storage/index.ts';
import type { ProjectContext } from './context.ts';
import type { PreparedReader } from './embeddings/index.ts';
import { analyseErrors } from './evaluation/index.ts';
import { findNearTraining } from './nearest-training.ts';
import { showCells } from './show-cells.ts';
import { findTrainingSuspects } from './training-labels.ts';

/**
 * Looks for what a model's errors have in common, and for what training knew of them.
 *
 * @param reader shared with others who read the same examples @param predictions of the candidate, as they were measured
 * @throws MainstemError STORE_MISSING, STORE_CORRUPT, JSON_INVALID
 */
export async function analyse(
  context: ProjectContext,
  reader: PreparedReader,
  candidate: ModelRecord,
  predictions: readonly Prediction[],
): Promise<Analysis> {
  const { project } = context;
  const { task, data, table, split, sensitive } = project.definition;
  const { rows } = await readExamples(reader, candidate);
  const analysis = analyseErrors({
    ...{ task, predictions, rows, sensitive, dataset: data.name },
    classes: candidate.classes,
    without: [table?.label, split.group].filter((column) => column !== undefined),
  });
  const regression = task === 'tabular-regression';
  const near = await findNearTraining(reader, candidate, analysis.worst, regression);
  const training = regression
    ? null
    : await findTrainingSuspects(reader, candidate, {
        classes: candidate.classes,
        group: split.group,
      });
  const worst = near ? [...near.errors] : analysis.worst;
  return {
    ...{ ...analysis, worst },
    ...(training && { labels: { ...analysis.labels, training } }),
    ...(near && { nearness: near.nearness }),
    ...(await cellsOf(context, candidate, worst)),
  };
}

/** The values of a table are looked at later, and come with its examples; those of photos are many, and others serve there. */
async function readExamples(reader: PreparedReader, { prepared, preprocessing }: ModelRecord) {
  const whole = preprocessing.kind === 'table' ? await reader.data(prepared) : null;
  return whole ? whole.index : reader.index(prepared);
}

/** Of a table: the errors with their values. */
async function cellsOf(
  { store, lock, project }: ProjectContext,
  { training, data: digests }: ModelRecord,
  worst: Analysis['worst'],
): Promise<Partial<Analysis>> {
  const { data, table } = project.definition;
  const dataset = ownValue(lock.datasets, data.name);
  // A row is found by its place in the version of the file that the model learnt from.
  if (!table || !dataset || worst.length === 0 || dataset.digest !== digests[data.name]) return {};
  const cells = await readTable(store, dataset);
  const shown = showCells(cells, Object.keys(table.features), worst, training.importance);
  return { columns: shown.columns, features: shown.features, worst: shown.errors };
}

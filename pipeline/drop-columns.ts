import { plural } from '../platform/lib/plural.ts';
import type { TableDefinition } from '../platform/schemas/define/index.ts';
import type {
  BackendChoice,
  ModelRecord,
  Prediction,
  Ranking,
  WithoutColumns,
} from '../platform/schemas/index.ts';
import { backendFor } from './backend-for.ts';
import type { ProjectContext } from './context.ts';
import { createFlow } from './engine/index.ts';
import { compareWithout, readPredictions, seedDeviationOf } from './evaluation/index.ts';
import { materialsOf } from './materials.ts';
import { declareStages } from './run.ts';

/**
 * Trains a candidate's parameters again without each weak column, and without all that the ranking proposes to drop, and
 * compares on the validation split. Each is a run of its own key up to its evaluation, so that what was tried once is reused.
 * What these models reach on the test split is looked at by nobody.
 *
 * @throws MainstemError what a stage throws
 */
export async function tryWithoutColumns(
  context: ProjectContext,
  candidate: ModelRecord,
  { weak, proposed }: Pick<Ranking, 'weak' | 'proposed'>,
  backend: BackendChoice,
): Promise<WithoutColumns[]> {
  const { store, workspace } = context;
  const { task, classes } = candidate;
  const whole = await readPredictions(store, candidate.evaluation.predictions);
  const seedDeviation = seedDeviationOf(candidate.seeds?.validation ?? [], task);
  const single = weak?.columns.map((column) => [column]) ?? [];
  const together = proposed && proposed.columns.length > 1 ? [proposed.columns] : [];
  const trials = [...single, ...together];
  const tried: WithoutColumns[] = [];
  for (const [at, columns] of trials.entries()) {
    const which = columns.join(', ');
    workspace.reporter.info(
      `Without ${which} (${at + 1} of ${plural(trials.length, 'training')}) …`,
    );
    const without = await trainWithout(context, columns, backend);
    tried.push(compareWithout({ columns, task, classes, whole, without, seedDeviation }));
  }
  return tried;
}

async function trainWithout(
  { workspace, store, project, lock }: ProjectContext,
  columns: readonly string[],
  backend: BackendChoice,
): Promise<readonly Prediction[]> {
  const { table } = project.definition;
  if (!table) throw new TypeError('only tables have columns');
  const definition = { ...project.definition, table: leaveOut(table, columns) };
  const flow = createFlow({
    workspace,
    store,
    project: { ...project, definition },
    to: 'evaluate',
  });
  const materials = materialsOf(
    { definition, parameters: project.parameters },
    lock,
    await backendFor(definition, backend),
  );
  const { evaluate } = declareStages(flow, materials);
  await flow.finish();
  flow.assertSucceeded();
  if (!evaluate?.outputs) throw new TypeError(`training without ${columns} left no result`);
  return readPredictions(store, evaluate.outputs.predictions);
}

function leaveOut(table: TableDefinition, columns: readonly string[]): TableDefinition {
  const features = Object.entries(table.features).filter(([name]) => !columns.includes(name));
  return { ...table, features: Object.fromEntries(features) };
}

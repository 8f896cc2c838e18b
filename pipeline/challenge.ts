import { ownValue } from '../platform/lib/own-value.ts';
import { judgeGates } from '../platform/quality/index.ts';
import { parseParameters } from '../platform/schemas/define/index.ts';
import {
  type EvaluateOutput,
  type GateResult,
  type ModelRecord,
  stages,
} from '../platform/schemas/index.ts';
import type { Store } from '../platform/storage/index.ts';
import type { ProjectContext } from './context.ts';
import { createFlow } from './engine/index.ts';
import {
  type Comparison,
  comparePredictions,
  evaluateStage,
  readPredictions,
} from './evaluation/index.ts';
import { prepareStage } from './prepare/index.ts';

/** A candidate compared with the champion on the same examples, and judged by the gates. */
export interface Challenge {
  readonly comparison: Comparison | null;
  readonly gates: readonly GateResult[];
}

/**
 * Compares a candidate with the champion (null: there is none yet) and judges it by the project's gates. If the data
 * changed since the champion was evaluated, the champion is evaluated on the candidate's data first, so that
 * the pairs are the same examples.
 *
 * @throws MainstemError STORE_MISSING if the champion's weights or predictions are not in the store.
 */
export async function challenge(
  context: ProjectContext,
  candidate: ModelRecord,
  champion: ModelRecord | null,
): Promise<Challenge> {
  const { definition } = context.project;
  const present = champion && (await onSameData(context, candidate, champion));
  const comparison = present && (await compare(context.store, candidate, present));
  const gates = judgeGates({
    gates: definition.gates,
    slices: definition.slices,
    candidate: candidate.evaluation,
    champion: present,
    comparison,
    package: candidate.package,
    budgets: definition.budgets,
  });
  return { comparison, gates };
}

async function compare(
  store: Store,
  candidate: ModelRecord,
  champion: EvaluateOutput,
): Promise<Comparison> {
  const [ours, theirs] = await Promise.all([
    readPredictions(store, candidate.evaluation.predictions),
    readPredictions(store, champion.predictions),
  ]);
  return comparePredictions(ours, theirs, candidate.classes);
}

async function onSameData(
  context: ProjectContext,
  candidate: ModelRecord,
  champion: ModelRecord,
): Promise<EvaluateOutput> {
  const { definition } = context.project;
  const unchanged = candidate.data[definition.data.name] === champion.data[definition.data.name];
  return unchanged ? champion.evaluation : reevaluate(context, champion);
}

/** Evaluates the champion's weights on the present data, prepared as the champion was trained. */
async function reevaluate(context: ProjectContext, champion: ModelRecord): Promise<EvaluateOutput> {
  const { workspace, store, lock } = context;
  const { definition } = context.project;
  const path = `the parameters of ${champion.run}`;
  const parameters = parseParameters(JSON.stringify(champion.parameters), definition, path);
  const flow = createFlow({ workspace, store, project: { ...context.project, parameters } });
  const dataset = ownValue(lock.datasets, definition.data.name);
  if (!dataset) return champion.evaluation;
  const shared = {
    split: definition.split,
    classes: champion.classes,
    fitted: champion.prepared,
    ...(definition.table && { table: definition.table }),
  };
  const prepared = flow.stage(
    { ...stages.prepare, ...prepareStage },
    { ...shared, dataset },
    { as: 'prepare-champion' },
  );
  const evaluated = flow.stage(
    { ...stages.evaluate, ...evaluateStage },
    {
      prepared,
      outOfDistribution: null,
      trained: champion.training,
      task: champion.task,
      classes: champion.classes,
      slices: definition.slices.map(({ column }) => column),
      backend: champion.training.backend,
      dataset: definition.data.name,
    },
    { as: 'evaluate-champion' },
  );
  await flow.finish();
  flow.assertSucceeded();
  return evaluated.outputs ?? champion.evaluation;
}

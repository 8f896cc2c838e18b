import { judgeGates } from '../platform/quality/index.ts';
import {
  type EvaluateOutput,
  type GateResult,
  type ModelRecord,
  stages,
} from '../platform/schemas/index.ts';
import type { Store } from '../platform/storage/index.ts';
import type { Champion } from './champion.ts';
import { checkOwnClaims } from './check-claims.ts';
import type { ProjectContext } from './context.ts';
import { type Comparison, comparePredictions, readPredictions } from './evaluation/index.ts';
import { readLearntExamples } from './learnt-examples.ts';
import { modelKinds } from './model-kinds.ts';
import { prepareAs } from './prepare-as.ts';

/** A candidate compared with the champion on the same examples, and judged by the gates. */
export interface Challenge {
  readonly comparison: Comparison | null;
  readonly gates: readonly GateResult[];
}

/**
 * Compares a candidate with the champion and judges it by the project's gates; a metric that its own predictions contradict
 * fails a gate, too. If the data
 * changed since the champion was evaluated, the champion is evaluated on the candidate's data first, so that
 * the pairs are the same examples; those that it has learnt from are left out.
 *
 * @throws MainstemError STORE_MISSING if the champion's weights or predictions are not in the store.
 */
export async function challenge(
  context: ProjectContext,
  candidate: ModelRecord,
  { record: champion, incomparable }: Champion,
): Promise<Challenge> {
  const { definition } = context.project;
  const present =
    champion && incomparable === null ? await onSameData(context, candidate, champion) : null;
  const comparison =
    present && champion && (await compare(context.store, candidate, champion, present));
  const gates = judgeGates({
    gates: definition.gates,
    slices: definition.slices,
    candidate: candidate.evaluation,
    champion: present,
    ...{ incomparable, comparison },
    package: candidate.package,
    budgets: definition.budgets,
  });
  return { comparison, gates: [...gates, ...(await checkOwnClaims(context.store, candidate))] };
}

async function compare(
  store: Store,
  candidate: ModelRecord,
  champion: ModelRecord,
  present: EvaluateOutput,
): Promise<Comparison> {
  const [ours, theirs, learnt] = await Promise.all([
    readPredictions(store, candidate.evaluation.predictions),
    readPredictions(store, present.predictions),
    readLearntExamples(store, champion),
  ]);
  return comparePredictions(ours, theirs, candidate.classes, learnt);
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
  const { definition } = context.project;
  const { flow, prepared } = prepareAs(context, champion);
  if (!prepared) return champion.evaluation;
  const evaluated = flow.stage(
    { ...stages.evaluate, ...modelKinds[champion.training.kind ?? 'network'].evaluate },
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

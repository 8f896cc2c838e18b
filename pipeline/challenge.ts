import { judgeGates } from '../platform/quality/index.ts';
import {
  type EvaluateOutput,
  type GateResult,
  type ModelRecord,
  stages,
  type ValidationMetrics,
} from '../platform/schemas/index.ts';
import type { Champion } from './champion.ts';
import { checkOwnClaims } from './check-own-claims.ts';
import { checkProvenance } from './check-provenance.ts';
import { comparableOnData } from './comparable-on-data.ts';
import type { ProjectContext } from './context.ts';
import {
  type Comparison,
  comparePredictions,
  measureValidationIntervals,
  readPredictions,
} from './evaluation/index.ts';
import { isSameModel } from './is-same-model.ts';
import { findLearntExamples } from './learnt-examples.ts';
import { modelKinds } from './model-kinds.ts';
import { prepareAs } from './prepare-as.ts';
import { readSlices } from './read-slices.ts';

/** A candidate compared with the champion on the same examples, and judged by the gates. */
export interface Challenge {
  readonly comparison: Comparison | null;
  readonly gates: readonly GateResult[];
  /** Why the champion cannot be compared, in words that follow a colon; null if it can be, or there is none. */
  readonly incomparable: string | null;
  /** Of both on validation; null without validation examples. */
  readonly validation: ValidationMetrics | null;
}

/**
 * Compares a candidate with the champion and judges it by the project's gates; a number that its own predictions contradict
 * fails a gate, too, and so does a time or a commit that cannot be. If the data changed since the champion was evaluated, the
 * champion is evaluated on the candidate's data first, so that the pairs are the same examples; those that it has learnt from
 * are left out. One that lacks its columns in that data is not compared.
 *
 * @param candidates how many were measured on this test data, this one among them
 * @throws MainstemError STORE_MISSING if the champion's weights or predictions are not in the store.
 */
export async function challenge(
  context: ProjectContext,
  candidate: ModelRecord,
  serving: Champion,
  candidates = 1,
): Promise<Challenge> {
  const { record: champion, incomparable } = await comparableOnData(context, serving);
  const { definition } = context.project;
  const present =
    champion && incomparable === null ? await onSameData(context, candidate, champion) : null;
  const rival = present && champion ? { champion, present } : null;
  const { comparison, validation } = await compare(context, candidate, rival, candidates);
  const gates = judgeGates({
    gates: definition.gates,
    slices: definition.slices,
    candidate: candidate.evaluation,
    champion: present,
    ...{ incomparable, comparison },
    package: candidate.package,
    budgets: definition.budgets,
  });
  const columns = definition.slices.map(({ column }) => column);
  const claims = await checkOwnClaims(context.store, candidate, columns);
  const provenance = await checkProvenance(context.workspace.root, candidate);
  return { comparison, gates: [...gates, ...claims, ...provenance], incomparable, validation };
}

/** A champion, and its evaluation on the candidate's data. */
interface Rival {
  readonly champion: ModelRecord;
  readonly present: EvaluateOutput;
}

async function compare(
  context: ProjectContext,
  candidate: ModelRecord,
  rival: Rival | null,
  candidates: number,
): Promise<Pick<Challenge, 'comparison' | 'validation'>> {
  const { store, project } = context;
  const { predictions } = candidate.evaluation;
  // Without a rival nothing but the table of the report needs them.
  if (!rival && !(await store.has(predictions.digest))) {
    return { comparison: null, validation: null };
  }
  const ours = await readPredictions(store, predictions);
  if (!rival)
    return { comparison: null, validation: measureValidationIntervals(ours, null, candidate) };
  const columns = project.definition.slices.map(({ column }) => column);
  const [slices, theirs, learnt] = await Promise.all([
    readSlices(store, candidate.prepared, columns),
    readPredictions(store, rival.present.predictions),
    findLearntExamples(context, { candidate, champion: rival.champion }),
  ]);
  const held = { predictions: theirs, trainedOn: learnt.trained };
  return {
    comparison: comparePredictions(ours, theirs, candidate.classes, {
      ...{ learnt: learnt.all, recognised: learnt.recognised, candidates, slices },
      sameModel: isSameModel(candidate, rival.champion),
    }),
    validation: measureValidationIntervals(ours, held, candidate),
  };
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

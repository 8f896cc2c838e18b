import { isMainstemError, MainstemError } from '../platform/lib/errors.ts';
import { firstLine } from '../platform/lib/first-line.ts';
import { digestJson } from '../platform/lib/hash.ts';
import { ownValue } from '../platform/lib/own-value.ts';
import { judgeHeldBack } from '../platform/quality/index.ts';
import type {
  HeldBackComparison,
  HeldBackFigures,
  ModelRecord,
  Prediction,
} from '../platform/schemas/index.ts';
import { markHeldBack } from '../platform/storage/index.ts';
import type { Champion } from './champion.ts';
import { comparableOnData } from './comparable-on-data.ts';
import type { ProjectContext } from './context.ts';
import { comparePredictions, metricIntervals } from './evaluation/index.ts';
import { isSameModel } from './is-same-model.ts';
import { findLearntExamples } from './learnt-examples.ts';
import { type MeasuredModel, measurePackaged } from './measure-packaged.ts';
import { prepareAs } from './prepare-as.ts';

/**
 * Measures the file that would serve, and the champion's, on the examples that are held back for promotions, and judges by the
 * project's gates what is shown there. Only promotions and their verification may call it. Answers stay in memory.
 *
 * @throws MainstemError HELD_BACK_EMPTY, PREPARE_UNREADABLE, STORE_MISSING, STORE_CORRUPT
 */
export async function measureHeldBack(
  context: ProjectContext,
  candidate: ModelRecord,
  champion: Champion,
): Promise<HeldBackFigures> {
  const { evaluation, predictions } = await measureOn(context, candidate);
  const { classes } = candidate;
  const facts = { examples: predictions, classes, outOfDistribution: null };
  const rival = await measureChampion(context, champion);
  const comparison =
    typeof rival === 'string' || !rival
      ? null
      : await compare(context, { candidate, predictions }, rival);
  const figures = {
    set: digestJson(predictions.map(({ digest, label }) => `${digest} ${label}`).sort()),
    examples: predictions.length,
    marks: await markExamples(context),
    metrics: metricIntervals(evaluation.metrics, facts),
    comparison,
  };
  const incomparable = typeof rival === 'string' ? rival : null;
  const { gates } = context.project.definition;
  return { ...figures, gates: judgeHeldBack(gates, { ...figures, incomparable }) };
}

function markExamples({ store, lock, project }: ProjectContext): Promise<string> {
  const { data, split, table } = project.definition;
  const dataset = ownValue(lock.datasets, data.name);
  if (!dataset) throw new TypeError('held-back examples were measured that nothing has locked');
  return markHeldBack(store, dataset, { split, table });
}

async function measureOn(context: ProjectContext, model: ModelRecord): Promise<MeasuredModel> {
  const { flow, prepared } = prepareAs(context, model, 'heldBack');
  await flow.finish();
  try {
    flow.assertSucceeded();
  } catch (cause) {
    if (!isMainstemError(cause, 'PREPARE_EMPTY')) throw cause;
    const remedy = 'The share is too small for the data.';
    throw new MainstemError('HELD_BACK_EMPTY', { model: model.model, remedy }, { cause });
  }
  if (!prepared?.outputs) throw new TypeError('preparing succeeded without a result');
  return measurePackaged(context, model, { prepared: prepared.outputs, outOfDistribution: null });
}

interface Rival {
  readonly record: ModelRecord;
  readonly predictions: readonly Prediction[];
}

/** The champion's answers, or why there are none; null if nothing serves. */
async function measureChampion(
  context: ProjectContext,
  champion: Champion,
): Promise<Rival | string | null> {
  const { workspace } = context;
  const { record, incomparable } = await comparableOnData(context, champion);
  if (incomparable !== null) return incomparable;
  if (!record) return null;
  try {
    return { record, predictions: (await measureOn(context, record)).predictions };
  } catch (error) {
    // What the store lacks can be pulled; without it nobody would have compared the two.
    const isLacking = isMainstemError(error) && error.code.startsWith('STORE_');
    if (isLacking || workspace.signal.aborted) throw error;
    return `${record.run}, which serves, cannot be measured on this data: ${firstLine(error)}`;
  }
}

async function compare(
  context: ProjectContext,
  { candidate, predictions }: { candidate: ModelRecord; predictions: readonly Prediction[] },
  rival: Rival,
): Promise<HeldBackComparison> {
  const learnt = await findLearntExamples(context, {
    ...{ candidate, champion: rival.record, part: 'heldBack' },
  });
  const found = comparePredictions(predictions, rival.predictions, candidate.classes, {
    ...{ learnt: learnt.all, recognised: learnt.recognised },
    sameModel: isSameModel(candidate, rival.record),
  });
  const { verdict, examples, seen, metrics } = found;
  const reason =
    examples > 0 ? found.reason : `The model that serves has learnt from ${seen} of them.`;
  return { champion: rival.record.run, verdict, reason, examples, seen, metrics };
}

import { Type } from 'typebox';
import { countBy } from '../../platform/lib/count-by.ts';
import { evenly } from '../../platform/lib/evenly.ts';
import { parseValue } from '../../platform/lib/json.ts';
import { plural } from '../../platform/lib/plural.ts';
import { renderPercent } from '../../platform/lib/render-number.ts';
import { showName } from '../../platform/lib/text.ts';
import type {
  BackendInfo,
  BlobStore,
  DecisionThreshold,
  EvaluateOutput,
  PreparedIndex,
  PrepareOutput,
  SplitName,
  Task,
  TrainOutput,
} from '../../platform/schemas/index.ts';
import { type DecisionRules, decide, shiftOf } from '../../platform/transforms/index.ts';
import type { StageContext } from '../engine/index.ts';
import { chooseReference, type PreparedData, readPrepared } from '../prepare/index.ts';
import type { Answer, AnswerRows, Decided } from './answer.ts';
import { buildProfile } from './build-profile.ts';
import { DecisionWish, fitDecision } from './fit-decision.ts';
import { judgeFit } from './judge-fit.ts';
import { measureQuality } from './measure-quality.ts';
import { measureQuantities } from './measure-quantities.ts';
import { distanceRows, fitOutOfDistribution, isTooFew } from './outliers/index.ts';
import { sliceResults } from './slice-results.ts';
import { temperatureOf } from './temperature-of.ts';
import { predictionOf, writePredictions } from './write-predictions.ts';

/** The inputs of evaluation: plain JSON, all of it part of the run key. */
export interface EvaluateInputs {
  readonly prepared: PrepareOutput;
  /** The committed set of inputs to refuse, prepared as `prepared` was; null without one. */
  readonly outOfDistribution: PrepareOutput | null;
  readonly trained: TrainOutput;
  readonly task: Task;
  /** In the order of the outputs; ignored for regression. */
  readonly classes: readonly string[];
  /** Metadata columns whose values are the slices. */
  readonly slices: readonly string[];
  readonly backend: BackendInfo;
  /** Names in data.lock.json, written into each prediction. */
  readonly dataset: string;
  readonly outOfDistributionDataset?: string;
}

/** The parameters that evaluation reads. */
export const EvaluateParameters = Type.Object({
  thresholds: Type.Object({
    acceptance: Type.Number(),
    decision: Type.Optional(DecisionWish),
  }),
});

/**
 * Evaluates a model by its answers: fits temperature and refusal on validation, measures on test.
 *
 * @param parameters those of the stage
 */
export async function evaluate(
  context: StageContext,
  inputs: EvaluateInputs,
  parameters: Readonly<Record<string, unknown>>,
  answerRows: AnswerRows,
): Promise<EvaluateOutput> {
  const { thresholds } = parseValue(parameters, EvaluateParameters, 'params.json');
  const { acceptance } = thresholds;
  const classes = inputs.task === 'tabular-regression' ? [] : inputs.classes;
  const regression = classes.length === 0;
  const data = await readPrepared(context.store, inputs.prepared);
  const answers = await answerAll(context, inputs, data, answerRows);
  const { validation, test, outliers } = answers;
  const outOfDistribution = fitOutOfDistribution(answers, acceptance, {
    regression,
    onFeatures: areFeatures(data.index),
  });
  if (outOfDistribution) warnOfFew(context, validation.length, acceptance);
  const priorShift = regression ? undefined : shiftOf(inputs.trained.classWeights);
  const temperature = regression ? 1 : temperatureOf(validation, classes, priorShift);
  const likeliest = { classes, priorShift, temperature, outOfDistribution };
  const decision =
    thresholds.decision && decisionOf(context, thresholds.decision, validation, likeliest);
  const rules = { ...likeliest, decision };
  const decideAll = (rows: readonly Answer[]): Decided[] =>
    rows.map((answer) => ({ ...answer, ...decide(answer, rules) }));
  const [held, tested] = [decideAll(validation), decideAll(test)];
  const decidedOutliers = decideAll([...outliers.choose, ...outliers.judge]);
  return {
    ...measureQuality(tested, { task: inputs.task, classes, outOfDistribution }),
    slices: sliceResults(tested, inputs.slices, regression),
    ...(priorShift && { priorShift }),
    temperature,
    ...(decision && { decision }),
    outOfDistribution,
    fit: judgeFit(inputs.trained, regression ? null : commonestShare(data.index)),
    predictions: await writePredictions(context.store, [
      ...[...held, ...tested].map((one) => predictionOf(one, inputs.dataset)),
      ...decidedOutliers.map((one) => predictionOf(one, outlierDataset(inputs))),
    ]),
    profile: await profileOf(context, data.index, classes, { held, tested }),
  };
}

function warnOfFew({ workspace }: StageContext, validation: number, acceptance: number): void {
  if (!isTooFew(validation, acceptance)) return;
  const found = `${plural(validation, 'validation example')} cannot show which threshold`;
  workspace.reporter.warn(
    `${found} ${renderPercent(acceptance)} of new inputs pass: the lowest of their scores is taken, and more may be refused.`,
  );
}

/** The answers of all rows, by what they are used for. */
async function answerAll(
  { store }: StageContext,
  inputs: EvaluateInputs,
  data: PreparedData,
  answerRows: AnswerRows,
) {
  const inSplit = (name: SplitName) =>
    [...data.index.rows.keys()].filter((row) => data.index.rows[row]?.split === name);
  // Of the training rows no more are asked than the distance is fitted to.
  const asked = [evenly(inSplit('train'), distanceRows), inSplit('validation'), inSplit('test')];
  const all = await answerRows(
    data,
    asked.flat().sort((a, b) => a - b),
  );
  const bySplit = (split: SplitName) => all.filter(({ row }) => row.split === split);
  const outliers = await answerOutliers(store, inputs, answerRows);
  return {
    train: bySplit('train'),
    validation: bySplit('validation'),
    test: bySplit('test'),
    outliers: {
      // Training may have been shown the `train` rows, so they cannot say which method is better.
      choose: outliers.filter(({ row }) => row.split === 'validation'),
      judge: outliers.filter(({ row }) => row.split === 'test'),
    },
  };
}

async function answerOutliers(
  store: BlobStore,
  { outOfDistribution }: EvaluateInputs,
  answerRows: AnswerRows,
): Promise<Answer[]> {
  if (!outOfDistribution) return [];
  const data = await readPrepared(store, outOfDistribution);
  return answerRows(data, [...data.index.rows.keys()]);
}

/** Whether rows are features of photos, not their pixels. */
function areFeatures({ preprocessing, shape }: PreparedIndex): boolean {
  return preprocessing.kind === 'image' && shape.length === 1;
}

/** The share of the commonest training label: the accuracy of always predicting it. */
function commonestShare({ rows }: PreparedIndex): number {
  const training = rows.filter(({ split }) => split === 'train');
  const counts = Object.values(countBy(training, ({ label }) => label));
  return Math.max(0, ...counts) / Math.max(1, training.length);
}

/** What fulfils the wish on the validation split, by its calibrated probabilities. */
function decisionOf(
  { workspace }: StageContext,
  wish: DecisionWish,
  validation: readonly Answer[],
  rules: DecisionRules,
): DecisionThreshold {
  const index = rules.classes.indexOf(wish.class);
  const examples = validation.map((answer) => ({
    probability: decide(answer, rules).probabilities[index] ?? 0,
    positive: answer.row.label === wish.class,
  }));
  const { reached, ...decision } = fitDecision(wish, examples);
  if (!reached) {
    const asked = renderPercent(wish.precision ?? 1);
    const message = `No threshold reaches a precision of ${asked} for ${showName(wish.class)} on validation: only what is surer than all of it is named so.`;
    workspace.reporter.warn(message);
  }
  return decision;
}

function outlierDataset({ outOfDistributionDataset }: EvaluateInputs): string {
  return outOfDistributionDataset ?? 'out-of-distribution';
}

async function profileOf(
  { workspace, store }: StageContext,
  { preprocessing }: PreparedIndex,
  classes: readonly string[],
  { held, tested }: { held: readonly Decided[]; tested: readonly Decided[] },
) {
  const reference = chooseReference(held, tested);
  const rows = reference.map(({ row }) => row);
  const quantities = await measureQuantities(workspace, store, rows, preprocessing);
  return buildProfile({ reference, test: tested, classes, quantities });
}

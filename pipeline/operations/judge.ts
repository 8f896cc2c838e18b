import { canonicalJson } from '../../platform/lib/canonical-json.ts';
import { firstLine } from '../../platform/lib/first-line.ts';
import { judgeGates } from '../../platform/quality/index.ts';
import type { Report } from '../../platform/report/index.ts';
import type {
  Finding,
  GateResult,
  ModelRecord,
  PrepareOutput,
  RunCost,
} from '../../platform/schemas/index.ts';
import type { Champion } from '../champion.ts';
import { checkClaims } from '../check-claims.ts';
import { checkProvenance } from '../check-provenance.ts';
import { checkSeeds } from '../check-seeds.ts';
import { comparableOnData } from '../comparable-on-data.ts';
import type { ProjectContext } from '../context.ts';
import {
  comparePredictions,
  measureCertainty,
  measureValidationIntervals,
} from '../evaluation/index.ts';
import { examine } from '../examine.ts';
import { isSameModel } from '../is-same-model.ts';
import { findLearntExamples } from '../learnt-examples.ts';
import { type MeasuredModel, type MeasuringData, measurePackaged } from '../measure-packaged.ts';
import { readIndex } from '../prepare/index.ts';
import { prepareAs } from '../prepare-as.ts';
import { readSlices } from '../read-slices.ts';
import { computeRunKey } from '../run-key.ts';
import { seedNoise } from '../seed-noise.ts';
import { countTrials } from '../trials.ts';
import { buildProjectReport } from './build-project-report.ts';
import { prepareCandidate, withOwnFeatures } from './prepare-candidate.ts';
import { contradiction, refuseCandidate, type Unmeasured } from './refuse-candidate.ts';

/** An untrusted candidate, and what it is compared with. */
export interface JudgeRequest {
  /** It fits the schema; nothing else is known about it. */
  readonly candidate: ModelRecord;
  /** What the base of the pull request serves. */
  readonly champion: Champion;
  readonly findings: readonly Finding[];
  /** The model's records in git, on both sides: candidates that were measured before. */
  readonly records: readonly ModelRecord[];
  /** What training cost, as the candidate states it. */
  readonly cost: RunCost | null;
}

/** A judgement that only this tree's code has made. */
export interface Judgement {
  /** Null if the candidate was measured. */
  readonly unmeasured: Unmeasured | null;
  readonly gates: readonly GateResult[];
  readonly report: Report;
}

/**
 * Judges a candidate that somebody else's code has trained: evaluates its ONNX file and the champion's on the locked
 * test split with this tree's preparation, evaluator and gates. The candidate's own numbers are only compared with
 * what was measured. Nothing of the candidate is executed.
 *
 * @param context the lock and the parameters are the candidate's, the definition is this tree's. The artefacts of
 *   both models and the data must be in the store.
 * @throws MainstemError STORE_CORRUPT, IMAGE_UNREADABLE, JSON_INVALID
 */
export async function judge(context: ProjectContext, request: JudgeRequest): Promise<Judgement> {
  const { candidate } = request;
  const refusal = await refuseCandidate(context, candidate);
  if (refusal !== null) return unmeasured(context, request, refusal);
  const data = await prepareCandidate(context, candidate);
  if (!isPreparedAlike(data, candidate)) {
    const reason =
      'It prepares the data differently from the default branch, whose code measures: split, classes, decoding or ' +
      'encoding have changed.';
    return unmeasured(context, request, { reason, contradiction: false });
  }
  const { preprocessing } = await readIndex(context.store, data.prepared);
  if (canonicalJson(preprocessing) !== canonicalJson(candidate.preprocessing)) {
    const reason =
      'The preprocessing in its record, by which it would be served, is not that of its prepared data.';
    return unmeasured(context, request, contradiction(reason));
  }
  const measured = await measureOrExplain(context, candidate, data);
  if (typeof measured === 'string') {
    return unmeasured(context, request, contradiction(measured));
  }
  return judgeMeasured(context, request, measured);
}

/** Equal indices mean equal rows, splits and encodings: the numbers are about the same thing. */
function isPreparedAlike(data: MeasuringData, candidate: ModelRecord): boolean {
  const outliers = (output: PrepareOutput | null | undefined) => output?.index.digest ?? null;
  return (
    data.prepared.index.digest === candidate.prepared.index.digest &&
    outliers(data.outOfDistribution) === outliers(candidate.preparedOutOfDistribution)
  );
}

/** What was measured, or why the file cannot be run. */
async function measureOrExplain(
  context: ProjectContext,
  record: ModelRecord,
  data: MeasuringData,
): Promise<MeasuredModel | string> {
  try {
    return await measurePackaged(context, record, data);
  } catch (error) {
    return `Its ONNX file cannot be run on this data: ${firstLine(error)}`;
  }
}

async function judgeMeasured(
  context: ProjectContext,
  { candidate, champion, findings, cost, records }: JudgeRequest,
  measured: MeasuredModel,
): Promise<Judgement> {
  const { definition } = context.project;
  const { predictions } = measured;
  const dataset = definition.data.name;
  const trials = countTrials({
    ...{ candidate, champion: champion.record, dataset, records, stages: null },
  });
  const rival = await measureChampion(context, champion);
  const { comparison, validation } = await compareMeasured(context, {
    ...{ candidate, champion: champion.record, candidates: trials.candidates },
    ...{ predictions, rival: rival.measured?.predictions ?? null },
  });
  const confirmed = withMeasured(candidate, measured);
  const served = champion.record && rival.measured && withMeasured(champion.record, rival.measured);
  const claims = await checkOwnWords(context, candidate, measured);
  const judged = judgeGates({
    ...{ gates: definition.gates, slices: definition.slices, budgets: definition.budgets },
    ...{ candidate: confirmed.evaluation, package: confirmed.package },
    ...{ champion: served?.evaluation ?? null, incomparable: rival.incomparable, comparison },
  });
  const gates = [...judged, ...claims];
  const examined = await withOwnFeatures(context, candidate);
  const report = await buildProjectReport(context, {
    stated: true,
    ...{ candidate: confirmed, champion: served ?? champion.record, comparison, gates, findings },
    ...{ incomparable: rival.incomparable, cost, trials, validation },
    seeds: seedNoise(context, { candidate, champion: champion.record, comparison, predictions }),
    ...(await examine(context, examined, predictions, champion.record)),
    certainty: measureCertainty(predictions, confirmed),
    notices: [
      ...claims.map(({ message }) => `The pull request's own numbers differ: ${message}.`),
      ...(await noticesOn(context, candidate)),
    ],
  });
  return { unmeasured: null, gates, report };
}

/** What two models say of the same examples. */
interface MeasuredAnswers {
  readonly candidate: ModelRecord;
  readonly champion: ModelRecord | null;
  /** How many candidates were measured on these test data. */
  readonly candidates: number;
  readonly predictions: MeasuredModel['predictions'];
  /** Of the champion; null where it cannot be measured. */
  readonly rival: MeasuredModel['predictions'] | null;
}

/** Compares candidate and champion on what the champion has not learnt from. */
async function compareMeasured(
  context: ProjectContext,
  { candidate, champion, candidates, predictions, rival }: MeasuredAnswers,
) {
  const columns = context.project.definition.slices.map(({ column }) => column);
  const learnt = champion && (await findLearntExamples(context, { candidate, champion }));
  const comparison =
    rival &&
    comparePredictions(predictions, rival, candidate.classes, {
      ...{ learnt: learnt?.all, recognised: learnt?.recognised, candidates },
      sameModel: champion !== null && isSameModel(candidate, champion),
      slices: await readSlices(context.store, candidate.prepared, columns),
    });
  const held = rival && learnt && { predictions: rival, trainedOn: learnt.trained };
  return { comparison, validation: measureValidationIntervals(predictions, held, candidate) };
}

/** Whether what a candidate claims is what was measured: one gate per claim. */
async function checkOwnWords(
  { workspace }: ProjectContext,
  candidate: ModelRecord,
  { evaluation, predictions }: MeasuredModel,
): Promise<GateResult[]> {
  return [
    ...checkClaims(candidate.evaluation.metrics, evaluation.metrics),
    ...checkSeeds(candidate, predictions),
    ...(await checkProvenance(workspace.root, candidate)),
  ];
}

/** The champion on the candidate's data, or why it cannot be measured there. */
async function measureChampion(
  context: ProjectContext,
  champion: Champion,
): Promise<{ measured: MeasuredModel | null; incomparable: string | null }> {
  const { record, incomparable } = await comparableOnData(context, champion);
  if (!record || incomparable !== null) return { measured: null, incomparable };
  const { flow, prepared } = prepareAs(context, record);
  await flow.finish();
  if (!prepared?.outputs) {
    const reason = `the present data cannot be prepared as ${record.run}, which serves, takes it`;
    return { measured: null, incomparable: reason };
  }
  const data = { prepared: prepared.outputs, outOfDistribution: null };
  const measured = await measureOrExplain(context, record, data);
  if (typeof measured !== 'string') return { measured, incomparable: null };
  return {
    measured: null,
    incomparable: `${record.run}, which serves, cannot be run: ${measured}`,
  };
}

/** The record with the numbers that were measured here in place of its own. */
function withMeasured(record: ModelRecord, { evaluation, latencyMs }: MeasuredModel): ModelRecord {
  const { outOfDistribution, ...others } = evaluation;
  // The champion's outliers are not prepared again: what its own evaluation says of refusal stands.
  const refusal =
    outOfDistribution?.auroc == null ? record.evaluation.outOfDistribution : outOfDistribution;
  return {
    ...record,
    evaluation: { ...record.evaluation, ...others, outOfDistribution: refusal },
    package: { ...record.package, latencyMs },
  };
}

async function noticesOn(context: ProjectContext, candidate: ModelRecord): Promise<string[]> {
  const { key } = await computeRunKey(context, { record: candidate });
  if (key === candidate.key) return [];
  return [
    'This pull request changes code that decides the result. The numbers were measured by the default branch’s ' +
      'evaluator on the file that would serve; that this code makes this file is the pull request’s own word.',
  ];
}

/** A judgement without anything that this tree has measured: nothing passes. */
async function unmeasured(
  context: ProjectContext,
  { candidate, champion, findings, cost }: JudgeRequest,
  cause: Unmeasured,
): Promise<Judgement> {
  const { reason } = cause;
  const gates = [{ gate: 'measured by the default branch', passed: false, message: reason }];
  const report = await buildProjectReport(context, {
    stated: true,
    ...{ candidate, champion: champion.record, comparison: null, gates, findings },
    ...{ incomparable: 'the candidate was not measured', cost },
    notices: [
      `The default branch did not measure this. ${reason} All numbers are the pull request’s own.`,
    ],
  });
  return { unmeasured: cause, gates, report };
}

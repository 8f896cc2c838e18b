import { calibrationError } from '../quality/index.ts';
import type {
  Analysis,
  Attainable,
  Comparison,
  DataReview,
  Finding,
  GateResult,
  MetricCertainty,
  ModelRecord,
  NearDuplicates,
  Ranking,
  RunCost,
  SeedNoise,
  SharedFigures,
  ValidationMetrics,
} from '../schemas/index.ts';
import type { DataDiff } from '../storage/index.ts';
import type { ModelSummary, Report, ReportVerdict } from './report.ts';
import { dataChanges } from './rows/data-changes.ts';
import { metricRows } from './rows/metric-rows.ts';
import { parameterChanges } from './rows/parameter-changes.ts';
import { type JudgedColumn, sliceRows } from './rows/slice-rows.ts';

/** What a report is built from. */
export interface ReportInputs {
  readonly project: Report['project'];
  readonly candidate: ModelRecord;
  /** What serves now; null for the first model. */
  readonly champion: ModelRecord | null;
  /** Why the champion could not be compared; null if it was, or there is none. */
  readonly incomparable: string | null;
  readonly comparison: Comparison | null;
  /** Both models on the validation split; null where it was not measured. @default null */
  readonly validation?: ValidationMetrics | null;
  /** What is known of other candidates on this test data. */
  readonly trials?: Report['trials'];
  /** What the seed changes; null or left out where no model was trained with several. */
  readonly seeds?: SeedNoise | null;
  /** The project's slices, with the number of examples from which one is judged. */
  readonly slices: readonly JudgedColumn[];
  readonly gates: readonly GateResult[];
  /** Of the candidate's metrics on its test split; left out where its answers are not at hand. */
  readonly certainty?: MetricCertainty;
  /** What changed in the data since the champion's lock; null where that is not known. */
  readonly dataDiff: DataDiff | null;
  readonly findings: readonly Finding[];
  /** What training cost; null where that is not known. */
  readonly cost: RunCost | null;
  /** What machines cost, as the project says. */
  readonly prices?: Report['prices'];
  /** Whether curves and cost are the candidate's own word. @default false */
  readonly stated?: boolean;
  readonly analysis?: Analysis;
  /** What linear models reach; null or left out where that is not known. */
  readonly attainable?: Attainable | null;
  /** How much each column of a table is needed; null or left out for photos. */
  readonly ranking?: Ranking | null;
  /** What changed in the data, example by example; null where that is not known. */
  readonly review?: DataReview | null;
  /** Photos that are nearly the same; null where that is not known. */
  readonly nearDuplicates?: NearDuplicates | null;
  /** How many examples only a promotion looks at; null or left out where none are held back. */
  readonly heldBack?: number | null;
  readonly notices?: readonly string[];
}

/** Builds the report of an experiment. */
export function buildReport(inputs: ReportInputs): Report {
  const { candidate, champion, comparison } = inputs;
  const { evaluation, training } = candidate;
  return {
    version: 1,
    project: inputs.project,
    ...judgement(inputs),
    notices: [...(inputs.notices ?? []), ...noticesOf(inputs.findings)],
    candidate: summary(candidate, comparison?.shared?.candidate),
    champion: champion && summary(champion, comparison?.shared?.champion),
    parameters: parameterChanges(champion?.parameters ?? {}, candidate.parameters),
    data: dataChanges(inputs.dataDiff),
    dataChanged: champion ? changedKeys(champion.data, candidate.data) : [],
    findings: [...inputs.findings],
    validation: inputs.validation ?? null,
    ...(inputs.trials && { trials: { ...inputs.trials } }),
    ...(inputs.heldBack != null && { heldBack: inputs.heldBack }),
    metrics: metricRows(evaluation.metrics, {
      champion: champion?.evaluation.metrics ?? null,
      ...{ comparison, gates: inputs.gates, intervals: inputs.certainty?.intervals ?? [] },
    }),
    ...(inputs.certainty && { tested: inputs.certainty.examples }),
    ...(inputs.seeds && { seeds: inputs.seeds }),
    gates: [...inputs.gates],
    comparison,
    slices: sliceRows(evaluation.slices, comparison?.slices ?? [], inputs.slices),
    perClass: evaluation.perClass,
    confusion: evaluation.confusion,
    epochs: training.epochs,
    bestEpoch: training.bestEpoch,
    importance: training.importance ?? null,
    ...(inputs.ranking && { ranking: inputs.ranking }),
    fit: evaluation.fit,
    ...(inputs.analysis && { analysis: inputs.analysis }),
    ...(inputs.attainable && { attainable: inputs.attainable }),
    ...(inputs.review && { review: inputs.review }),
    ...(inputs.nearDuplicates && { nearDuplicates: inputs.nearDuplicates }),
    cost: inputs.cost,
    ...(inputs.prices && { prices: inputs.prices }),
    stated: inputs.stated ?? false,
  };
}

function judgement({ champion, comparison, incomparable }: ReportInputs): {
  verdict: ReportVerdict;
  reason: string;
} {
  if (comparison) return { verdict: comparison.verdict, reason: comparison.reason };
  if (!champion) {
    return { verdict: 'first model', reason: 'Nothing serves yet, so only the gates judge it.' };
  }
  const why = incomparable === null ? '' : `: ${incomparable}`;
  return { verdict: 'cannot tell', reason: `The two models were not compared${why}.` };
}

/** @param shared what was measured on the examples that both models answered; without them on all of its own */
function summary(record: ModelRecord, shared?: SharedFigures): ModelSummary {
  const { training, evaluation } = record;
  const { run, key, commit, dirty, createdAt, data, stages } = record;
  const { name, reason, deterministic, tolerance } = training.backend;
  return {
    ...{ run, key, commit, dirty, createdAt, data, stages },
    backend: { name, reason, deterministic, ...(tolerance && { tolerance }) },
    model: record.package.onnx.digest,
    weights: training.weightCount,
    trainedRows: training.trainedRows,
    temperature: evaluation.temperature,
    ...(evaluation.decision && { decision: evaluation.decision }),
    expectedAccuracy: shared?.expectedAccuracy ?? evaluation.profile.expectedAccuracy,
    calibration: calibrationOf(record, shared),
    refusal: refusalOf(record, shared),
    bytes: record.package.onnx.bytes,
    latencyMs: record.package.latencyMs,
    parity: record.package.parity,
  };
}

function calibrationOf(
  { evaluation }: ModelRecord,
  shared: SharedFigures | undefined,
): ModelSummary['calibration'] {
  const found = evaluation.metrics.find(({ name }) => name === calibrationError.name);
  if (!found) return null;
  const { value } = found;
  const chance = shared?.chance ?? found.chance;
  return { value, ...(chance && { chance }) };
}

function refusalOf(
  { evaluation: { outOfDistribution } }: ModelRecord,
  shared: SharedFigures | undefined,
): ModelSummary['refusal'] {
  if (!outOfDistribution) return null;
  const { method, threshold, auroc, fpr95, refused } = outOfDistribution;
  const accepted = shared?.accepted ?? outOfDistribution.accepted;
  return { method, threshold, ...(accepted && { accepted }), auroc, fpr95, refused };
}

function changedKeys(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => before[key] !== after[key]).sort();
}

/** What makes all that is measured look better than it is stands at the top, not only among the findings. */
function noticesOf(findings: readonly Finding[]): string[] {
  return findings
    .filter(({ code }) => code === 'BACKBONE_SEEN')
    .map(
      ({ code, message }) =>
        `${code}: ${message} What is measured with them looks better than it is.`,
    );
}

import { type Static, Type } from 'typebox';
import { dictionary } from '../lib/dictionary.ts';
import {
  Analysis,
  Attainable,
  BackendInfo,
  Comparison,
  DataReview,
  Epoch,
  EvaluateOutput,
  Finding,
  GateResult,
  Metric,
  NearDuplicates,
  nullable,
  OutOfDistribution,
  Prices,
  Proportion,
  Ranking,
  RunCost,
  SeedNoise,
  SliceComparison,
  Task,
  ValidationMetrics,
  Verdict,
} from '../schemas/index.ts';

const Counts = dictionary(Type.Integer());

/** How many files of a dataset changed in one way, and a few of them. */
const Files = Type.Object({ count: Type.Integer(), examples: Type.Array(Type.String()) });

/** What changed in one dataset since the champion. */
export const DataChange = Type.Object({
  dataset: Type.String(),
  added: Files,
  removed: Files,
  modified: Files,
  relabelled: Files,
  classes: Type.Object({ before: Counts, after: Counts }),
});
export type DataChange = Static<typeof DataChange>;

/** A parameter that differs, as JSON text; null where it is absent. */
export const ParameterChange = Type.Object({
  key: Type.String(),
  before: nullable(Type.String()),
  after: nullable(Type.String()),
});
export type ParameterChange = Static<typeof ParameterChange>;

/** A metric of both models; where there is an interval, all of it is measured on the examples that both answered. */
export const MetricRow = Type.Object({
  name: Type.String(),
  better: Type.Union([Type.Literal('higher'), Type.Literal('lower')]),
  champion: nullable(Type.Number()),
  candidate: Type.Number(),
  difference: nullable(Type.Number()),
  /** 95 %; null where no paired interval is known. */
  interval: nullable(Type.Object({ low: Type.Number(), high: Type.Number() })),
  significant: nullable(Type.Boolean()),
  /** 95 % of the candidate's value, by its whole test split; absent where there is none. */
  own: Type.Optional(Type.Object({ low: Type.Number(), high: Type.Number() })),
  /** The gates that are about it. */
  gates: Type.Array(Type.Object({ limit: Type.String(), passed: Type.Boolean() })),
});
export type MetricRow = Static<typeof MetricRow>;

/** The quality of a slice; `accuracy` for classification, `error` for regression. */
const SliceQuality = Type.Object({
  accuracy: nullable(Proportion),
  error: nullable(Type.Number()),
  /** The 95 % interval of the error; null where there is none. */
  errorInterval: nullable(Type.Object({ low: Type.Number(), high: Type.Number() })),
});

/** A slice of both models on the same examples, with the 95 % interval of candidate − champion. */
const PairedSlice = Type.Object({
  ...Type.Pick(SliceComparison, ['examples', 'metric', 'candidate', 'champion']).properties,
  ...Type.Pick(SliceComparison, ['difference', 'low', 'high']).properties,
  /** Two-sided, corrected for all slices that are judged; null where it has too few examples. */
  pValue: nullable(Type.Number()),
});

export const SliceRow = Type.Object({
  slice: Type.String(),
  value: Type.String(),
  count: Type.Integer(),
  /** Whether it has as many examples as the project asks before a slice is judged. */
  judged: Type.Boolean(),
  /** On the candidate's whole test split. */
  candidate: SliceQuality,
  /** Both models on the examples that both answered; absent where they were not compared there, and in earlier reports. */
  paired: Type.Optional(PairedSlice),
});
export type SliceRow = Static<typeof SliceRow>;

/** How out-of-distribution inputs are refused, without the fitted numbers. */
const Refusal = Type.Omit(OutOfDistribution, ['acceptance', 'distance']);

/** What the report says of one model. */
export const ModelSummary = Type.Object({
  run: Type.String({ pattern: '^[0-9a-f]{12}$' }),
  key: Type.String(),
  commit: nullable(Type.String()),
  dirty: Type.Boolean(),
  createdAt: Type.String(),
  backend: Type.Object({
    name: Type.String(),
    reason: Type.String(),
    deterministic: Type.Boolean(),
    tolerance: BackendInfo.properties.tolerance,
  }),
  data: dictionary(Type.String()),
  stages: dictionary(Type.String()),
  model: Type.String(),
  weights: Type.Integer(),
  trainedRows: Type.Integer(),
  temperature: Type.Number(),
  /** What is named from which probability on; absent where the likeliest class is named. */
  decision: EvaluateOutput.properties.decision,
  expectedAccuracy: nullable(Type.Number()),
  /** The calibration error, and what a perfect model would have by chance; null for regression. */
  calibration: nullable(Type.Pick(Metric, ['value', 'chance'])),
  refusal: nullable(Refusal),
  bytes: Type.Integer(),
  latencyMs: Type.Object({ p50: Type.Number(), p95: Type.Number() }),
  parity: Type.Object({
    examples: Type.Integer(),
    maxDifference: Type.Number(),
    classesDiffer: Type.Integer(),
  }),
});
export type ModelSummary = Static<typeof ModelSummary>;

export const ReportVerdict = Type.Union([Type.Literal('first model'), Verdict]);
export type ReportVerdict = Static<typeof ReportVerdict>;

/**
 * The one report of an experiment; every renderer shows this. It crosses processes as a CI artefact, so its
 * strings are untrusted: renderers escape them.
 */
export const Report = Type.Object({
  version: Type.Literal(1),
  project: Type.Object({
    name: Type.String(),
    title: Type.String(),
    task: Task,
    classes: Type.Array(Type.String()),
  }),
  verdict: ReportVerdict,
  /** One sentence: why this verdict. */
  reason: Type.String(),
  /** What a reader must know before the numbers: who measured them, what they do not show. */
  notices: Type.Array(Type.String()),
  candidate: ModelSummary,
  champion: nullable(ModelSummary),
  /** Only those that changed; for a first model all. */
  parameters: Type.Array(ParameterChange),
  data: Type.Array(DataChange),
  /** Datasets whose digest differs from the champion's. */
  dataChanged: Type.Array(Type.String()),
  findings: Type.Array(Finding),
  /** Of the validation split; absent in reports of earlier versions. */
  validation: Type.Optional(nullable(ValidationMetrics)),
  /** How many candidates are known to have been measured on this test data, and by what they are known. */
  trials: Type.Optional(Type.Object({ candidates: Type.Integer(), known: Type.String() })),
  /** Examples that only a promotion looks at; absent where none are held back. */
  heldBack: Type.Optional(Type.Integer()),
  metrics: Type.Array(MetricRow),
  /** Test examples that the candidate's metrics are of; reports of earlier versions lack it. */
  tested: Type.Optional(Type.Integer()),
  /** What the seed changes; absent where neither model was trained with several. */
  seeds: Type.Optional(SeedNoise),
  gates: Type.Array(GateResult),
  comparison: nullable(Comparison),
  slices: Type.Array(SliceRow),
  perClass: EvaluateOutput.properties.perClass,
  /** confusion[truth][predicted] of the candidate on its whole test split. */
  confusion: EvaluateOutput.properties.confusion,
  epochs: Type.Array(Epoch),
  bestEpoch: Type.Integer(),
  /** Of boosted trees: by what share each column lowered the training loss; null for networks. */
  importance: nullable(Type.Array(Type.Object({ column: Type.String(), share: Type.Number() }))),
  /** Of a table: how much each column is needed; reports of earlier versions lack it. */
  ranking: Type.Optional(Ranking),
  fit: EvaluateOutput.properties.fit,
  /** What the candidate's errors have in common; reports of earlier versions lack it. */
  analysis: Type.Optional(Analysis),
  /** What linear models reach on the same data; reports of earlier versions lack it. */
  attainable: Type.Optional(Attainable),
  /** What changed in the data since the champion, example by example; absent where that is not known. */
  review: Type.Optional(DataReview),
  /** Photos that are nearly the same; absent for tables, and in reports of earlier versions. */
  nearDuplicates: Type.Optional(NearDuplicates),
  /** What it cost to compute; null where that is not known. */
  cost: nullable(RunCost),
  /** What the project says that its machines cost; absent where it says nothing. */
  prices: Type.Optional(Prices),
  /** Whether what only training knows (curves, cost) is the candidate's own word. */
  stated: Type.Boolean(),
});
export type Report = Static<typeof Report>;

import { type Static, Type } from 'typebox';
import { DigestSchema, nullable } from './atoms.ts';
import { Proportion } from './evaluation.ts';

export const GateResult = Type.Object({
  gate: Type.String(),
  passed: Type.Boolean(),
  /** For example `accuracy 0.951 ≥ 0.92`. */
  message: Type.String(),
  /** What it judges: a metric, or a budget by its key. Absent in pointers of earlier versions. */
  of: Type.Optional(Type.String()),
  /** What it asks, in short: `≥ 92 %`. */
  limit: Type.Optional(Type.String()),
});
export type GateResult = Static<typeof GateResult>;

/** A test example that two models answer differently. */
export const Flip = Type.Object({
  id: Type.String(),
  /** Of a table: where a person finds it in the candidate's version of the file, from 1. */
  row: Type.Optional(Type.Integer()),
  digest: DigestSchema,
  label: Type.String(),
  /** The champion's answer and its probability; for regression the value and its absolute error. */
  before: Type.String(),
  beforeConfidence: Type.Number(),
  /** The candidate's answer and its probability; for regression the value and its absolute error. */
  after: Type.String(),
  afterConfidence: Type.Number(),
  change: Type.Union([Type.Literal('fixed'), Type.Literal('broken'), Type.Literal('changed')]),
});
export type Flip = Static<typeof Flip>;

export const Verdict = Type.Union([
  Type.Literal('better'),
  Type.Literal('no detectable change'),
  Type.Literal('worse'),
  Type.Literal('cannot tell'),
]);
export type Verdict = Static<typeof Verdict>;

/** One metric of both models on the same examples. */
export const MetricComparison = Type.Object({
  name: Type.String(),
  candidate: Type.Number(),
  champion: Type.Number(),
  /** Candidate − champion, with its 95 % interval; null where the metric has none. */
  difference: Type.Number(),
  low: nullable(Type.Number()),
  high: nullable(Type.Number()),
});
export type MetricComparison = Static<typeof MetricComparison>;

/** A metric with its 95 % interval; null where it has none, or the examples are too few for one. */
export const MetricInterval = Type.Object({
  name: Type.String(),
  value: Type.Number(),
  low: nullable(Type.Number()),
  high: nullable(Type.Number()),
});
export type MetricInterval = Static<typeof MetricInterval>;

/** How certain the metrics of one model are. */
export interface MetricCertainty {
  /** Of the test split. */
  readonly examples: number;
  /** Of the metrics that have one. */
  readonly intervals: readonly MetricInterval[];
}

/** Both models on the shared test examples of a slice. */
export const SliceComparison = Type.Object({
  /** A metadata column and its value. */
  slice: Type.String(),
  value: Type.String(),
  examples: Type.Integer(),
  /** `accuracy`, or `mae` for regression. */
  metric: Type.String(),
  candidate: Type.Number(),
  champion: Type.Number(),
  /** Of the examples' differences of errors; absent for accuracy and in records from before. */
  skewness: Type.Optional(Type.Number()),
  /** Candidate − champion, with its 95 % interval and its standard error. */
  difference: Type.Number(),
  low: Type.Number(),
  high: Type.Number(),
  error: Type.Number(),
});
export type SliceComparison = Static<typeof SliceComparison>;

/** Metrics on the validation split, by which one chooses between candidates: temperature and the best epoch were too. */
export const ValidationMetrics = Type.Object({
  examples: Type.Integer(),
  metrics: Type.Array(
    Type.Object({
      name: Type.String(),
      better: Type.Union([Type.Literal('higher'), Type.Literal('lower')]),
      candidate: Type.Number(),
      /** On the same examples; null without a champion that is measured there. */
      champion: nullable(Type.Number()),
      /**
       * 95 %: of candidate − champion, without a champion of the candidate's value. Absent where there is none, and in
       * reports of earlier versions.
       */
      interval: Type.Optional(Type.Object({ low: Type.Number(), high: Type.Number() })),
    }),
  ),
});
export type ValidationMetrics = Static<typeof ValidationMetrics>;

/** What one of two models says of the shared examples besides its answers. */
export const SharedFigures = Type.Object({
  /** Mean probability of the answers; null for regression. */
  expectedAccuracy: nullable(Type.Number()),
  /** What the calibration error would be by chance if its probabilities were true; absent for regression. */
  chance: Type.Optional(Type.Object({ mean: Type.Number(), high: Type.Number() })),
  /** How many it does not refuse. */
  accepted: Proportion,
});
export type SharedFigures = Static<typeof SharedFigures>;

/** Candidate against champion on the test examples that both answered and the champion has not learnt from. */
export const Comparison = Type.Object({
  /** The primary metric of the task, by its name in platform/quality/metrics. */
  metric: Type.String(),
  verdict: Verdict,
  /** One sentence: why this verdict. */
  reason: Type.String(),
  /** Test examples that both models answered, and those that only one did. */
  examples: Type.Integer(),
  onlyCandidate: Type.Integer(),
  onlyChampion: Type.Integer(),
  /** Whether both models say exactly the same to all of them, as one and the same model does. */
  same: Type.Boolean(),
  /** Present where the candidate is the very model that serves: the same file, which is used in the same way. */
  sameModel: Type.Optional(Type.Literal(true)),
  /** Test examples left out because the champion was trained or validated on them. */
  seen: Type.Integer(),
  /**
   * Of these, how many it has not learnt from under their digests: they belong to a group that it has learnt from, or may be
   * examples that it has learnt from, changed since. Absent in reports of earlier versions.
   */
  byGroup: Type.Optional(Type.Integer()),
  byContent: Type.Optional(Type.Integer()),
  /** Every metric of the task on the shared examples, the primary one first. */
  metrics: Type.Array(MetricComparison),
  /** The shared examples by slice; absent where none were asked for. */
  slices: Type.Optional(Type.Array(SliceComparison)),
  /** Absent without shared examples, and in reports of earlier versions. */
  shared: Type.Optional(Type.Object({ candidate: SharedFigures, champion: SharedFigures })),
  /** The primary metric on the shared examples. */
  candidate: Type.Number(),
  champion: Type.Number(),
  /** Candidate − champion, with its 95 % interval. */
  difference: Type.Number(),
  low: Type.Number(),
  high: Type.Number(),
  /** Examples that became right and wrong; for regression that came closer and further. */
  fixed: Type.Integer(),
  broken: Type.Integer(),
  /** Two-sided: how likely a difference like this is if the two are equally good; below 0.05 where the interval leaves out 0. */
  pValue: Type.Number(),
  /**
   * Where other candidates were measured on the same test data: how many with this one, what the best of so many equally
   * good ones gains on average by chance, and, of a candidate that looks better, the interval corrected for the choice,
   * which the verdict follows.
   */
  chosen: Type.Optional(
    Type.Object({
      candidates: Type.Integer(),
      gain: Type.Number(),
      corrected: nullable(Type.Object({ low: Type.Number(), high: Type.Number() })),
    }),
  ),
  /** A true difference of this size is found four times out of five with these examples, about so often where rare large errors decide. */
  detectable: Type.Number(),
  /** What changed in each class, in their order; `pValue` corrected for their number. Empty for regression. */
  classes: Type.Array(
    Type.Object({
      class: Type.String(),
      examples: Type.Integer(),
      fixed: Type.Integer(),
      broken: Type.Integer(),
      pValue: Type.Number(),
    }),
  ),
  /** confusion[truth][predicted] of the candidate on the shared examples, and minus the champion's. */
  confusion: Type.Array(Type.Array(Type.Integer())),
  confusionDifference: Type.Array(Type.Array(Type.Integer())),
  /** How many answers differ, and the worst of them first. */
  flips: Type.Integer(),
  flipped: Type.Array(Flip),
});
export type Comparison = Static<typeof Comparison>;

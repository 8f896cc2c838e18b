import { type Static, Type } from 'typebox';
import { dictionary } from '../lib/dictionary.ts';
import { Artefact, DigestSchema, nullable, SplitName } from './atoms.ts';

/** A share with its 95 % Wilson interval. */
export const Proportion = Type.Object({
  value: Type.Number(),
  low: Type.Number(),
  high: Type.Number(),
  count: Type.Integer(),
});
export type Proportion = Static<typeof Proportion>;

export const SliceResult = Type.Object({
  slice: Type.String(),
  value: Type.String(),
  /** Accuracy; for regression null and `error` holds the mean absolute error. */
  accuracy: nullable(Proportion),
  error: nullable(Type.Number()),
  /**
   * Of a regression: the standard deviation of the absolute errors, and the 95 % t interval of their mean. Absent for
   * classes, and for a single example.
   */
  errorSpread: Type.Optional(
    Type.Object({ deviation: Type.Number(), low: Type.Number(), high: Type.Number() }),
  ),
  count: Type.Integer(),
});
export type SliceResult = Static<typeof SliceResult>;

/**
 * The JSON lines behind `EvaluateOutput.predictions`, one per example of the validation and test splits and of the
 * out-of-distribution set.
 */
export const Prediction = Type.Object({
  id: Type.String(),
  /** Of a table: where a person finds it in the version of the file that was evaluated, from 1. */
  row: Type.Optional(Type.Integer()),
  digest: DigestSchema,
  dataset: Type.String(),
  split: SplitName,
  label: Type.String(),
  /** Predicted class; for regression the predicted value as text. */
  predicted: Type.String(),
  /** Calibrated probability per class, in the order of classes; for regression [value]. */
  probabilities: Type.Array(Type.Number()),
  /** Higher is more like the training data. */
  score: Type.Number(),
  accepted: Type.Boolean(),
});
export type Prediction = Static<typeof Prediction>;

/** How out-of-distribution inputs are found: by energy or by distance, and a threshold. */
export const OutOfDistribution = Type.Object({
  method: Type.Union([Type.Literal('energy'), Type.Literal('distance')]),
  /** Inputs that score below are refused. */
  threshold: Type.Number(),
  /** Share of the validation examples that the threshold accepts: it was chosen by them, so it says nothing of others. */
  acceptance: Type.Number(),
  /** Share of the test split that is accepted; earlier versions did not measure it. */
  accepted: Type.Optional(Proportion),
  /** On the committed out-of-distribution set's test half against the test split; null without such a set. */
  auroc: nullable(Type.Number()),
  fpr95: nullable(Type.Number()),
  /** Share of the out-of-distribution test half that is refused. */
  refused: nullable(Proportion),
  /** For `distance`: class means and the shared inverse covariance's factor over the embedding. */
  distance: nullable(
    Type.Object({
      means: Type.Array(Type.Array(Type.Number())),
      /** Rows of a lower-triangular whitening matrix W: distance² = |W (x − mean)|². */
      whitening: Type.Array(Type.Array(Type.Number())),
    }),
  ),
});
export type OutOfDistribution = Static<typeof OutOfDistribution>;

/** A metric with the direction that is better. */
export const Metric = Type.Object({
  name: Type.String(),
  value: Type.Number(),
  better: Type.Union([Type.Literal('higher'), Type.Literal('lower')]),
  /**
   * What a perfect model would have on as many examples by chance alone: the mean and the 95th percentile. Only for
   * metrics of which chance gives more than the best value.
   */
  chance: Type.Optional(Type.Object({ mean: Type.Number(), high: Type.Number() })),
});
export type Metric = Static<typeof Metric>;

/** Bins of one quantity in the reference data: ratios sum to 1 with the under- and overflow bins. */
export const ProfileBins = Type.Object({
  name: Type.String(),
  kind: Type.Union([Type.Literal('number'), Type.Literal('category')]),
  /** Upper edges of a number's bins (the last is open), or the categories (the last is `other`). */
  edges: Type.Array(Type.Union([Type.Number(), Type.String()])),
  ratios: Type.Array(Type.Number()),
});
export type ProfileBins = Static<typeof ProfileBins>;

/** What live traffic is compared with: one profile for validation, serving gauges and alert rules. */
export const ReferenceProfile = Type.Object({
  version: Type.Literal(1),
  samples: Type.Integer(),
  classRatios: dictionary(Type.Number()),
  /** Mean calibrated probability of the predicted class: the accuracy to expect. */
  expectedAccuracy: nullable(Type.Number()),
  accuracy: nullable(Type.Number()),
  refusedRatio: Type.Number(),
  /** Image properties (brightness, contrast, …) or a table's columns. */
  bins: Type.Array(ProfileBins),
});
export type ReferenceProfile = Static<typeof ReferenceProfile>;

/** The class of two that is named from another probability on than a half. */
export const DecisionThreshold = Type.Object({
  class: Type.String(),
  /** Of the calibrated probability. */
  threshold: Type.Number(),
});
export type DecisionThreshold = Static<typeof DecisionThreshold>;

export const EvaluateOutput = Type.Object({
  /** Measured on the test split. */
  metrics: Type.Array(Metric),
  perClass: Type.Array(
    Type.Object({
      class: Type.String(),
      precision: Type.Number(),
      recall: Type.Number(),
      f1: Type.Number(),
      count: Type.Integer(),
    }),
  ),
  /** confusion[truth][predicted], in the order of classes. */
  confusion: Type.Array(Type.Array(Type.Integer())),
  slices: Type.Array(SliceResult),
  /**
   * What class weights in training added to each logit, in the order of classes: subtracted before the temperature.
   * Absent where nothing was added.
   */
  priorShift: Type.Optional(Type.Array(Type.Number())),
  /** Logits without their shift are divided by it before softmax; fitted on validation. 1 for regression. */
  temperature: Type.Number(),
  /** What is named from which probability on; absent where the likeliest class is named. */
  decision: Type.Optional(DecisionThreshold),
  outOfDistribution: nullable(OutOfDistribution),
  fit: Type.Object({
    verdict: Type.Union([Type.Literal('good'), Type.Literal('over'), Type.Literal('under')]),
    message: Type.String(),
  }),
  predictions: Artefact,
  profile: ReferenceProfile,
});
export type EvaluateOutput = Static<typeof EvaluateOutput>;

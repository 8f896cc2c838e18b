import { type Static, Type } from 'typebox';
import { DigestSchema, nullable } from './atoms.ts';
import { Proportion } from './evaluation.ts';

/** The answers whose confidence lies in one range: a perfect model is right as often as it claims. */
export const ReliabilityBin = Type.Object({
  /** From (included) to (excluded; the last included). */
  from: Type.Number(),
  to: Type.Number(),
  /** The mean confidence of these answers. */
  confidence: Type.Number(),
  /** The share that is right, with its 95 % interval. */
  right: Proportion,
});
export type ReliabilityBin = Static<typeof ReliabilityBin>;

/** What the nearness of examples is measured by, as `pipeline/embeddings` makes it. */
const SpaceKind = Type.Union([
  Type.Literal('features'),
  Type.Literal('columns'),
  Type.Literal('network'),
  Type.Literal('pixels'),
]);

/** A training example that lies near another example. */
export const Neighbour = Type.Object({
  id: Type.String(),
  row: Type.Optional(Type.Integer()),
  digest: DigestSchema,
  label: Type.String(),
  distance: Type.Number(),
  /** Of a table: its values in `Analysis.columns`. */
  cells: Type.Optional(Type.Array(Type.String())),
});
export type Neighbour = Static<typeof Neighbour>;

/** Whether near training examples say anything of an example's label, tried on test examples. */
export const Nearness = Type.Object({
  /** In what they are near. */
  space: SpaceKind,
  /** How many training examples were looked through, of how many. */
  training: Type.Integer(),
  of: Type.Integer(),
  /** How many test examples it was tried on. */
  asked: Type.Integer(),
  /**
   * The share of them whose nearest training example has their label, beside that of any training example; of a regression
   * how far the two labels differ on average.
   */
  nearest: Type.Number(),
  chance: Type.Number(),
  /** Whether `nearest` is better than `chance` by more than chance explains. */
  informs: Type.Boolean(),
});
export type Nearness = Static<typeof Nearness>;

/** A test example that the candidate answers wrongly. */
export const ErrorExample = Type.Object({
  id: Type.String(),
  /** Of a table: where a person finds it in the file, from 1. */
  row: Type.Optional(Type.Integer()),
  digest: DigestSchema,
  label: Type.String(),
  predicted: Type.String(),
  /** Probability of the answer; of a regression the absolute error. */
  size: Type.Number(),
  /** Of a table: its values in `Analysis.columns`. */
  cells: Type.Optional(Type.Array(Type.String())),
  /** The training examples nearest to it, nearest first; absent where nearness says nothing. */
  near: Type.Optional(Type.Array(Neighbour)),
  /** Whether these lie farther off than those of 95 of 100 test examples. */
  alone: Type.Optional(Type.Boolean()),
});
export type ErrorExample = Static<typeof ErrorExample>;

/** Two classes that are mixed up in one direction. */
export const ConfusedPair = Type.Object({
  label: Type.String(),
  predicted: Type.String(),
  count: Type.Integer(),
  /** How many examples have the label. */
  of: Type.Integer(),
});
export type ConfusedPair = Static<typeof ConfusedPair>;

/** Examples that one or two columns single out, and that are answered worse than all others. */
export const WeakSpot = Type.Object({
  where: Type.Array(Type.Object({ column: Type.String(), value: Type.String() })),
  count: Type.Integer(),
  /** The share of wrong answers; of a regression the mean absolute error. */
  here: Type.Number(),
  elsewhere: Type.Number(),
  /** The 95 % interval of `here`; null for regression. */
  interval: nullable(Type.Object({ low: Type.Number(), high: Type.Number() })),
  /** One-sided, corrected by Holm for all that was looked at. */
  pValue: Type.Number(),
});
export type WeakSpot = Static<typeof WeakSpot>;

/** An example whose label the model doubts: it is sure of another class, more than it usually is of that class. */
export const LabelSuspect = Type.Object({
  id: Type.String(),
  row: Type.Optional(Type.Integer()),
  digest: DigestSchema,
  label: Type.String(),
  /** The class that the model is sure of, and its probability. */
  suggestion: Type.String(),
  confidence: Type.Number(),
});
export type LabelSuspect = Static<typeof LabelSuspect>;

/** Suspected label errors of the training split, by a model of its own that has not learnt the label it is asked about. */
export const TrainingLabels = Type.Object({
  /** What that model sees. */
  space: SpaceKind,
  /** How many training examples were examined, of how many. */
  examined: Type.Integer(),
  of: Type.Integer(),
  /** How often that model is right by the labels as they are. */
  accuracy: Type.Number(),
  /** Labels that were swapped on purpose among some examples; how many of them were suspected then, and how many others. */
  trial: Type.Object({
    swapped: Type.Integer(),
    found: Type.Integer(),
    of: Type.Integer(),
    others: Type.Integer(),
  }),
  /** Whether so many were found that others would be, too; otherwise none are named. */
  finds: Type.Boolean(),
  suspects: Type.Integer(),
  /** The surest of them. */
  shown: Type.Array(LabelSuspect),
});
export type TrainingLabels = Static<typeof TrainingLabels>;

/** The largest difference between groups, beside what equal groups of these sizes would show. */
export const Disparity = Type.Object({
  /** Its name in the docs, for example `demographic parity difference`. */
  name: Type.String(),
  value: Type.Number(),
  /** 95 % of random divisions into groups of these sizes stay below. */
  chance: Type.Number(),
});

/** How a model treats the groups of a sensitive attribute. */
export const FairnessOf = Type.Object({
  attribute: Type.String(),
  groups: Type.Array(Type.Object({ value: Type.String(), count: Type.Integer() })),
  /** Groups with too few examples to be compared. */
  small: Type.Array(Type.String()),
  disparities: Type.Array(Disparity),
});
export type FairnessOf = Static<typeof FairnessOf>;

/** What the candidate's errors on the test split have in common. It is not part of the record: nothing is decided by it. */
export const Analysis = Type.Object({
  /** Empty for regression. */
  reliability: Type.Array(ReliabilityBin),
  /** How many test examples are answered wrongly; of a regression all. */
  errors: Type.Integer(),
  /** The surest of them, or those furthest off, worst first. */
  worst: Type.Array(ErrorExample),
  /** Of a table: the columns whose values are shown, and how many features there are; absent in earlier reports. */
  columns: Type.Optional(Type.Array(Type.String())),
  features: Type.Optional(Type.Integer()),
  /** Absent where examples have no space, and in earlier reports. */
  nearness: Type.Optional(Nearness),
  pairs: Type.Array(ConfusedPair),
  weakSpots: Type.Object({
    /** How many groups of examples were looked at. */
    tested: Type.Integer(),
    found: Type.Array(WeakSpot),
  }),
  /** Of the validation and test splits: the model has learnt the others' labels. */
  labels: Type.Object({
    examined: Type.Integer(),
    suspects: Type.Integer(),
    /** The surest of them. */
    shown: Type.Array(LabelSuspect),
    /** The same of the training split; absent for regression, for few examples, and in earlier reports. */
    training: Type.Optional(TrainingLabels),
  }),
  fairness: Type.Array(FairnessOf),
});
export type Analysis = Static<typeof Analysis>;

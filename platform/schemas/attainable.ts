import { type Static, Type } from 'typebox';
import { nullable } from './atoms.ts';

/** What a linear model learns from: the features of a backbone, the columns of a table, or small pixels. */
const LinearSpace = Type.Union([
  Type.Literal('features'),
  Type.Literal('columns'),
  Type.Literal('pixels'),
]);

/** How well something answers the validation examples: a class, or a number. */
const Answering = { accuracy: Type.Number(), logLoss: Type.Number() };
const Estimating = { mae: Type.Number() };

/** The loss of one minus that of another on the same examples, with its 95 % interval. */
const LossDifference = {
  difference: Type.Number(),
  low: Type.Number(),
  high: Type.Number(),
};

const Asked = {
  /** Training examples that the linear models learnt from, and how many there are. */
  learnt: Type.Integer(),
  of: Type.Integer(),
  /** Validation examples that were asked about. */
  examples: Type.Integer(),
};

const AttainableClasses = Type.Object({
  ...Asked,
  model: Type.Object(Answering),
  /** One for each thing that can be learnt from; the difference of log loss is that of the model to it. */
  linear: Type.Array(Type.Object({ space: LinearSpace, ...Answering, ...LossDifference })),
  /** The first of them from half of the examples; the difference is that to all of them. */
  half: Type.Object({ ...Answering, ...LossDifference }),
  /** The class that the model is shown to know less well than the rest; null if there is none. */
  weakest: nullable(
    Type.Object({ label: Type.String(), right: Type.Integer(), of: Type.Integer() }),
  ),
});
export type AttainableClasses = Static<typeof AttainableClasses>;

const AttainableNumbers = Type.Object({
  ...Asked,
  model: Type.Object(Estimating),
  /** Always the median of the training examples; the difference of absolute errors is that of the model to it. */
  median: Type.Object({ ...Estimating, ...LossDifference }),
  /** A linear model on the columns; the difference is that of the model to it. */
  linear: Type.Array(Type.Object({ space: LinearSpace, ...Estimating, ...LossDifference })),
  /** The same from half of the examples; the difference is that to all of them. */
  half: Type.Object({ ...Estimating, ...LossDifference }),
});
export type AttainableNumbers = Static<typeof AttainableNumbers>;

/** What can be had from the data at least: linear models, asked about the same validation examples as the model. */
export const Attainable = Type.Union([AttainableClasses, AttainableNumbers]);
export type Attainable = Static<typeof Attainable>;

import { type Static, Type } from 'typebox';
import { nullable } from './atoms.ts';

/** What a linear model learns from: the features of a backbone, the columns of a table, or small pixels. */
const LinearSpace = Type.Union([
  Type.Literal('features'),
  Type.Literal('columns'),
  Type.Literal('pixels'),
]);

/** How well something answers the validation examples. */
const Answering = { accuracy: Type.Number(), logLoss: Type.Number() };

/** The log loss of one minus that of another on the same examples, with its 95 % interval. */
const LossDifference = {
  difference: Type.Number(),
  low: Type.Number(),
  high: Type.Number(),
};

/** What can be had from the data at least: linear models, asked about the same validation examples as the model. */
export const Attainable = Type.Object({
  /** Training examples that the linear models learnt from, and how many there are. */
  learnt: Type.Integer(),
  of: Type.Integer(),
  /** Validation examples that were asked about. */
  examples: Type.Integer(),
  model: Type.Object(Answering),
  /** One for each thing that can be learnt from; the difference is that of the model to it. */
  linear: Type.Array(Type.Object({ space: LinearSpace, ...Answering, ...LossDifference })),
  /** The first of them from half of the examples; the difference is that to all of them. */
  half: Type.Object({ ...Answering, ...LossDifference }),
  /** The class that the model is shown to know less well than the rest; null if there is none. */
  weakest: nullable(
    Type.Object({ label: Type.String(), right: Type.Integer(), of: Type.Integer() }),
  ),
});
export type Attainable = Static<typeof Attainable>;

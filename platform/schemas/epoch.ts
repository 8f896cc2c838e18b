import { type Static, Type } from 'typebox';

/** One epoch of training. */
export const Epoch = Type.Object({
  epoch: Type.Integer(),
  learningRate: Type.Number(),
  trainLoss: Type.Number(),
  /** Accuracy, or for regression the mean absolute error. */
  trainMetric: Type.Number(),
  validationLoss: Type.Number(),
  validationMetric: Type.Number(),
});
export type Epoch = Static<typeof Epoch>;

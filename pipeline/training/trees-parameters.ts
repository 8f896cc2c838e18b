import { type Static, Type } from 'typebox';

/**
 * The part of params.json that training of trees reads. Limits and descriptions are in `TreesParameters`, against which
 * the whole file was checked before.
 */
export const TrainTreesParameters = Type.Object({
  seed: Type.Integer(),
  learningRate: Type.Number(),
  earlyStopping: Type.Integer(),
  model: Type.Object({
    trees: Type.Integer(),
    leaves: Type.Integer(),
    minimumRows: Type.Integer(),
    l2: Type.Number(),
    bins: Type.Integer(),
    columnShare: Type.Number(),
    loss: Type.Optional(Type.Union([Type.Literal('squared'), Type.Literal('absolute')])),
  }),
});
export type TrainTreesParameters = Static<typeof TrainTreesParameters>;

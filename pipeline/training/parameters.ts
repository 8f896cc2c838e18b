import { type Static, Type } from 'typebox';
import { PlatformParameters } from '../../platform/schemas/define/index.ts';

const platform = PlatformParameters.properties;

/** The part of params.json that training reads. */
export const TrainParameters = Type.Object({
  seed: platform.seed,
  epochs: platform.epochs,
  batchSize: platform.batchSize,
  learningRate: platform.learningRate,
  learningRateSchedule: platform.learningRateSchedule,
  earlyStopping: platform.earlyStopping,
  classWeights: platform.classWeights,
  augmentation: platform.augmentation,
  outlierExposure: platform.outlierExposure,
  model: Type.Record(Type.String(), Type.Unknown()),
});
export type TrainParameters = Static<typeof TrainParameters>;

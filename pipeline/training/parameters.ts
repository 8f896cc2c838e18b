import { type Static, Type } from 'typebox';
import { PlatformParameters } from '../../platform/schemas/define/index.ts';

const platform = PlatformParameters.properties;

/** What training reads of params.json. */
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

import { type Static, Type } from 'typebox';
import { dictionary } from '../../platform/lib/dictionary.ts';

/**
 * The part of params.json that training reads. Limits and descriptions are in `PlatformParameters`, against which the
 * whole file was checked before: rewording one must train nothing again.
 */
export const TrainParameters = Type.Object({
  seed: Type.Integer(),
  epochs: Type.Integer(),
  batchSize: Type.Integer(),
  learningRate: Type.Number(),
  learningRateSchedule: Type.Union([Type.Literal('constant'), Type.Literal('cosine')]),
  earlyStopping: Type.Integer(),
  classWeights: Type.Union([Type.Literal('none'), Type.Literal('balanced')]),
  augmentation: Type.Object({
    flip: Type.Boolean(),
    shift: Type.Number(),
    brightness: Type.Number(),
    rotate: Type.Number(),
    zoom: Type.Optional(Type.Number()),
    colour: Type.Optional(Type.Number()),
    blur: Type.Optional(Type.Number()),
    erase: Type.Optional(Type.Number()),
    mixup: Type.Optional(Type.Number()),
  }),
  outlierExposure: Type.Optional(Type.Number()),
  model: dictionary(Type.Unknown()),
});
export type TrainParameters = Static<typeof TrainParameters>;

/** What training reads besides where the last part of a backbone is trained, too. Where that begins is an input. */
export const TunedParameters = Type.Object({
  ...TrainParameters.properties,
  fineTune: Type.Object({ epochs: Type.Integer(), learningRate: Type.Number() }),
});
export type TunedParameters = Static<typeof TunedParameters>;

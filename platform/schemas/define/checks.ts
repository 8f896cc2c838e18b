import { Type } from 'typebox';
import { Default } from 'typebox/value';
import { defaulted, type Resolved } from '../defaulted.ts';

/** The thresholds of validation that a project may set, each with its default. Shares are 0 to 1. */
export const CheckThresholds = Type.Object(
  {
    minimumSide: defaulted(Type.Number({ description: 'pixels of the shorter side' }), 64),
    maximumAspect: defaulted(Type.Number({ description: 'longer side / shorter side' }), 3),
    dark: defaulted(
      Type.Number({ description: 'mean luminance 0 to 255 below which a photo is dark' }),
      25,
    ),
    light: defaulted(
      Type.Number({ description: 'mean luminance 0 to 255 above which a photo is over-exposed' }),
      235,
    ),
    contrast: defaulted(
      Type.Number({ description: 'standard deviation of luminance below which contrast is low' }),
      12,
    ),
    blur: defaulted(
      Type.Number({
        description: 'variance of the Laplacian at 128 pixels below which a photo is blurred',
      }),
      20,
    ),
    imbalance: defaulted(
      Type.Number({ description: 'largest class / smallest class in the training split' }),
      5,
    ),
  },
  { additionalProperties: false },
);
export type CheckThresholds = Resolved<typeof CheckThresholds>;

/** The thresholds of a project that sets none. */
export const defaultThresholds = Default(CheckThresholds, {}) as CheckThresholds;

/** The share of missing values that a table's column may have, where its project sets none. */
export const defaultMissingShare = 0.05;

/** Highest share of missing values that a table's column may have. */
export const MissingShare = defaulted(Type.Number({ minimum: 0, maximum: 1 }), defaultMissingShare);

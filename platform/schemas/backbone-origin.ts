import { type Static, Type } from 'typebox';
import { dictionary } from '../lib/dictionary.ts';
import { DigestSchema } from './atoms.ts';

/** A promoted model that is part of a backbone. */
const BackboneModel = Type.Object(
  {
    model: Type.String(),
    run: Type.String({ pattern: '^[0-9a-f]{12}$' }),
    /** The file that was promoted. */
    onnx: DigestSchema,
    /** What it was made from: dataset name → digest. */
    data: dictionary(DigestSchema),
  },
  { additionalProperties: false },
);
export type BackboneModel = Static<typeof BackboneModel>;

/** The promoted model that a backbone is; after it the model that this one stands on itself, and so on. */
export const BackboneOrigin = Type.Array(BackboneModel, { minItems: 1 });
export type BackboneOrigin = Static<typeof BackboneOrigin>;

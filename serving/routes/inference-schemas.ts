import { type Static, Type } from 'typebox';
import { dictionary } from '../../platform/lib/dictionary.ts';

/*
 * JSON of the Open Inference Protocol (version 2 of the KServe predict protocol), REST.
 * https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */

export const Parameters = dictionary(Type.Union([Type.String(), Type.Number(), Type.Boolean()]));

export const InferenceError = Type.Object({ error: Type.String() });

export const ServerMetadata = Type.Object({
  name: Type.String(),
  version: Type.String(),
  extensions: Type.Array(Type.String()),
});

const TensorMetadata = Type.Object({
  name: Type.String(),
  datatype: Type.String(),
  shape: Type.Array(Type.Integer(), { description: '-1 for any size' }),
});

export const ModelMetadata = Type.Object({
  name: Type.String(),
  versions: Type.Array(Type.String()),
  platform: Type.String(),
  inputs: Type.Array(TensorMetadata),
  outputs: Type.Array(TensorMetadata),
  parameters: Parameters,
});
export type ModelMetadata = Static<typeof ModelMetadata>;

export const RequestTensor = Type.Object({
  name: Type.String(),
  shape: Type.Array(Type.Integer({ minimum: 0 }), { maxItems: 8 }),
  datatype: Type.String(),
  parameters: Type.Optional(Parameters),
  data: Type.Optional(
    Type.Array(Type.Unknown(), {
      description:
        'row-major, flat or nested; not with binary_data_size. null is a gap (NaN), in FP32 and FP64 and for models whose ' +
        'metadata have `gaps`',
    }),
  ),
});
export type RequestTensor = Static<typeof RequestTensor>;

export const InferenceRequest = Type.Object({
  id: Type.Optional(Type.String()),
  parameters: Type.Optional(Parameters),
  inputs: Type.Array(RequestTensor, { minItems: 1 }),
  outputs: Type.Optional(
    Type.Array(Type.Object({ name: Type.String(), parameters: Type.Optional(Parameters) })),
  ),
});
export type InferenceRequest = Static<typeof InferenceRequest>;

export const ResponseTensor = Type.Object({
  name: Type.String(),
  shape: Type.Array(Type.Integer()),
  datatype: Type.String(),
  data: Type.Array(Type.Union([Type.Number(), Type.Boolean(), Type.String()])),
});
export type ResponseTensor = Static<typeof ResponseTensor>;

export const InferenceResponse = Type.Object({
  model_name: Type.String(),
  model_version: Type.String(),
  id: Type.String(),
  outputs: Type.Array(ResponseTensor),
});
export type InferenceResponse = Static<typeof InferenceResponse>;

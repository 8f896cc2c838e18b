import { randomUUID } from 'node:crypto';
import { MainstemError } from '../../platform/lib/errors.ts';
import { findModel, type ServedModel } from '../inference/models.ts';
import type { Services } from '../services.ts';
import type { InferenceRequest, InferenceResponse } from './inference-schemas.ts';
import { assertOutputs, buildOutputs, parseTensor } from './inference-tensors.ts';

/** What the server says of itself. */
export const serverMetadata = {
  name: 'mainstem',
  version: '2',
  extensions: ['binary_tensor_data'],
};

/**
 * Answers a request of the Open Inference Protocol, however it was sent.
 *
 * @throws MainstemError REQUEST_*, IMAGE_*, SERVING_*, or the signal's reason
 */
export async function infer(
  { predictor, config }: Pick<Services, 'predictor' | 'config'>,
  model: ServedModel,
  request: InferenceRequest,
  signal: AbortSignal,
): Promise<InferenceResponse> {
  assertOutputs(model, request.outputs);
  const input = parseTensor(model, request, config);
  const inference =
    input.kind === 'photos'
      ? await predictor.inferPhotos(model, input.photos, signal)
      : await predictor.inferTensor(model, input.data, input.batch, signal);
  return {
    model_name: model.name,
    model_version: model.version,
    id: request.id ?? randomUUID(),
    outputs: buildOutputs(model, inference, request.outputs),
  };
}

/**
 * The model of a request; a model's version is its run.
 *
 * @throws MainstemError MODEL_UNKNOWN, MODEL_VERSION_UNKNOWN
 */
export function modelAt(
  models: readonly ServedModel[],
  path: { readonly name: string; readonly version?: string },
) {
  const model = findModel(models, path.name);
  if (path.version === undefined || path.version === model.version) return model;
  const shown = { name: path.name, version: path.version, known: model.version };
  throw new MainstemError('MODEL_VERSION_UNKNOWN', shown);
}

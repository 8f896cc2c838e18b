import type { ReadHeader } from '../inference/assign.ts';
import { labelsOf, type ServedModel } from '../inference/models.ts';
import { buildPrediction } from '../inference/prediction.ts';
import type { Inference } from '../inference/predictor.ts';
import { binsOf, type LoggedInputs } from '../predictions/line.ts';
import { createPredictionId } from '../predictions/prediction-id.ts';
import type { Services } from '../services.ts';
import type { InferenceRequest, InferenceResponse } from './inference-schemas.ts';
import {
  assertOutputs,
  buildOutputs,
  type InferenceInput,
  parseTensor,
} from './inference-tensors.ts';

/** What the server says of itself. */
export const serverMetadata = {
  name: 'mainstem',
  version: '2',
  extensions: ['binary_tensor_data', 'model_repository'],
};

/** A request of the protocol, and what it came by. */
export interface Asked {
  readonly asked: InferenceRequest;
  /** When it came. */
  readonly at: Date;
  readonly signal: AbortSignal;
  readonly header: ReadHeader;
  /** Milliseconds since then. */
  elapsed(): number;
  /** Has work done when the answer is sent. */
  onEnd(work: () => void): void;
}

/**
 * Answers a request of the Open Inference Protocol, however it was sent, under its own id or a new one; what the log keeps of it
 * is made when the answer is sent.
 *
 * @throws MainstemError REQUEST_*, IMAGE_*, SERVING_*, or the signal's reason
 */
export async function infer(
  {
    predictor,
    predictions,
    comparer,
    config,
  }: Pick<Services, 'predictor' | 'predictions' | 'comparer' | 'config'>,
  model: ServedModel,
  { asked, at, signal, header, elapsed, onEnd }: Asked,
): Promise<InferenceResponse> {
  assertOutputs(model, asked.outputs);
  const input = parseTensor(model, asked, config);
  const id = asked.id ?? createPredictionId(at.getTime());
  const compare = comparer.plan(model, header);
  const isLogged = predictions.samples();
  const kept = isLogged || compare ? loggedInputs(input) : null;
  const inference = await compute(predictor, model, input, signal);
  const logged = isLogged ? kept : null;
  if (compare && kept) onEnd(() => void compare(kept, inference.decisions));
  if (logged) {
    const answer = { id, at, ...labelsOf(model), inputs: logged };
    onEnd(() => {
      const { results } = buildPrediction(model, inference.decisions);
      const bins = inference.properties.map((properties) => binsOf(model, properties));
      predictions.note({ ...answer, results, bins, ms: elapsed() });
    });
  }
  return {
    model_name: model.name,
    model_version: model.version,
    id,
    outputs: buildOutputs(model, inference, asked.outputs),
  };
}

function compute(
  predictor: Services['predictor'],
  model: ServedModel,
  input: InferenceInput,
  signal: AbortSignal,
): Promise<Inference> {
  return input.kind === 'photos'
    ? predictor.inferPhotos(model, input.photos, signal)
    : predictor.inferTensor(model, input.data, input.batch, signal);
}

/** A copy of a tensor: the one that is computed is empty afterwards. */
function loggedInputs(input: InferenceInput): LoggedInputs {
  return input.kind === 'photos'
    ? { kind: 'photo', photos: input.photos }
    : { kind: 'tensor', data: input.data.slice(), batch: input.batch };
}

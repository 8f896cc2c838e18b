import { createPredictionId } from '../../platform/lib/prediction-id.ts';
import type { ReadHeader } from '../inference/assign.ts';
import { inputShape, labelsOf, type ServedModel } from '../inference/models.ts';
import { buildPrediction } from '../inference/prediction.ts';
import type { Inference } from '../inference/predictor.ts';
import { answerOrStandIn } from '../inference/stand-in.ts';
import { binsOf, type LoggedInputs } from '../predictions/line.ts';
import type { Services } from '../services.ts';
import type { InferenceRequest, InferenceResponse } from './inference-schemas.ts';
import {
  assertOutputs,
  buildOutputs,
  type InferenceInput,
  parseTensor,
} from './inference-tensors.ts';
import { refuseUnserved } from './unserved-parameters.ts';

/** What the server says of itself. */
export const serverMetadata = {
  name: 'mainstem',
  version: '2',
  extensions: ['binary_tensor_data', 'model_repository'],
};

/** A request of the protocol, and what it came by. */
export interface Asked {
  readonly asked: InferenceRequest;
  /** Whether the version was drawn and not named: another one may answer in its place. */
  readonly isDrawn: boolean;
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
    lineup,
    predictor,
    predictions,
    comparer,
    config,
  }: Pick<Services, 'lineup' | 'predictor' | 'predictions' | 'comparer' | 'config'>,
  chosen: ServedModel,
  { asked, isDrawn, at, signal, header, elapsed, onEnd }: Asked,
): Promise<InferenceResponse> {
  for (const tensor of [...asked.inputs, ...(asked.outputs ?? [])]) refuseUnserved(tensor);
  assertOutputs(chosen, asked.outputs);
  const input = parseTensor(chosen, asked, config);
  const id = asked.id ?? createPredictionId(at.getTime());
  const compare = comparer.plan(chosen, header);
  const isLogged = predictions.samples();
  const kept = isLogged || compare ? loggedInputs(input) : null;
  const { model, inference } = await answerOrStandIn(
    {
      hold: (by) => lineup.hold(by),
      standIn: (by) => (isDrawn && kept ? lineup.standIn(by) : null),
    },
    chosen,
    (by) => compute(predictor, by, by === chosen ? input : again(input, kept, by), signal),
  );
  const logged = isLogged ? kept : null;
  if (compare && kept && model === chosen) onEnd(() => void compare(kept, inference.decisions));
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

/** The inputs once more, for another version. @throws TypeError if it takes others */
function again(
  input: InferenceInput,
  kept: LoggedInputs | null,
  model: ServedModel,
): InferenceInput {
  if (input.kind === 'photos' || kept?.kind !== 'tensor') return input;
  const length = inputShape(model).reduce((product, side) => product * side, kept.batch);
  if (length !== kept.data.length) throw new TypeError('it takes other tensors');
  return { ...input, data: new Float32Array(kept.data) };
}

/** A copy of a tensor: the one that is computed is empty afterwards. */
function loggedInputs(input: InferenceInput): LoggedInputs {
  return input.kind === 'photos'
    ? { kind: 'photo', photos: input.photos }
    : { kind: 'tensor', data: input.data.slice(), batch: input.batch };
}

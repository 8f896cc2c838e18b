import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import type { ReadHeader } from '../inference/assign.ts';
import { modelRepository } from '../inference/model-repository.ts';
import type { ServedModel } from '../inference/models.ts';
import { invalidRequest } from '../invalid-request.ts';
import { countRejection } from '../plugins/model-metrics.ts';
import { type BodyRule, findBodyRule } from '../routes/body-rule.ts';
import { infer, serverMetadata } from '../routes/infer.ts';
import type { ModelMetadata } from '../routes/inference-schemas.ts';
import { buildMetadata } from '../routes/inference-tensors.ts';
import type { Services } from '../services.ts';
import {
  GRPCInferenceService,
  type ModelInferRequest,
  type ModelInferResponseSchema,
  type ModelMetadataResponseSchema,
  type RepositoryModelLoadRequest,
  type RepositoryModelUnloadRequest,
} from './inference_pb.ts';
import { countValues } from './message-size.ts';
import { readRequest, writeResponse } from './tensors.ts';

/** Who waits for an answer, and what was sent with the call. */
export interface Sender {
  readonly signal: AbortSignal;
  readonly header: ReadHeader;
}

/** A method of the service, from the bytes of its request to those of its response. */
export interface Method {
  readonly path: string;
  /** Most bytes of its request. */
  readonly bytes: number;
  /** Whether it computes: such calls take a place in the admission, as a POST does under REST. */
  readonly computes: boolean;
  /** @throws MainstemError REQUEST_*, MODEL_*, IMAGE_*, SERVING_*, or the signal's reason */
  answer(bytes: Uint8Array, sender: Sender): Promise<Uint8Array>;
}

/** A request for metadata, readiness or what is loaded is a name and a few words. */
const small = () => ({ bytes: 4096, values: 100 });

/** The methods of the service over the same models, limits and work as REST. */
export function createMethods(services: Services): Method[] {
  const { isReady } = services;
  const { method } = GRPCInferenceService;
  return [
    define(method.serverLive, small, async () => ({ live: true })),
    define(method.serverReady, small, async () => ({ ready: isReady() })),
    define(method.modelReady, small, async ({ name, version }) => {
      const model = versionOf(services, name, version);
      return { ready: isReady() && services.memory.stateOf(model).fault === null };
    }),
    define(method.serverMetadata, small, async () => serverMetadata),
    define(method.modelMetadata, small, async ({ name, version }) =>
      writeMetadata(buildMetadata(versionOf(services, name, version))),
    ),
    define(
      method.modelInfer,
      () => largestOf(services),
      async (request, sender, size) => answerInfer(services, request, sender, size),
      true,
    ),
    define(
      method.repositoryIndex,
      small,
      async ({ repositoryName, ready }) => {
        if (repositoryName !== '') throw invalidRequest('it names a repository, but there is one');
        return { models: modelRepository.index(services, ready) };
      },
      true,
    ),
    define(
      method.repositoryModelLoad,
      small,
      async (request, { signal }) => {
        await modelRepository.load(services, { ...readChange(request), signal });
        return { modelName: readChange(request).name, isLoaded: true };
      },
      true,
    ),
    define(
      method.repositoryModelUnload,
      small,
      async (request, { signal }) => {
        await modelRepository.unload(services, { ...readChange(request), signal });
        return { modelName: readChange(request).name, isUnloaded: true };
      },
      true,
    ),
  ];
}

/**
 * Triton has the model's name in the second field, and a repository's in the first; KServe has the model's there.
 *
 * @throws MainstemError REQUEST_INVALID
 */
function readChange({
  repositoryName,
  modelName,
  parameters,
}: RepositoryModelLoadRequest | RepositoryModelUnloadRequest) {
  if (repositoryName !== '' && modelName !== '')
    throw invalidRequest('it names a repository, but there is one');
  return { name: modelName || repositoryName, parameters: Object.keys(parameters) };
}

/** What the message of any version that a request may name may hold: which one it names is known when it was read. */
function largestOf(services: Services): Size {
  const rules = services.lineup.kept.map((model) => ruleOf(model, services));
  return {
    bytes: Math.max(...rules.map(({ bytes }) => bytes)),
    values: Math.max(...rules.map(({ values }) => values)),
  };
}

/** How large a message was. */
type Size = Pick<BodyRule, 'bytes' | 'values'>;

function define<Input extends DescMessage, Output extends DescMessage>(
  {
    name,
    input,
    output,
  }: { readonly name: string; readonly input: Input; readonly output: Output },
  limits: () => Size,
  answer: (
    request: MessageShape<Input>,
    sender: Sender,
    size: Size,
  ) => Promise<MessageInitShape<Output>>,
  computes = false,
): Method {
  return {
    path: `/${GRPCInferenceService.typeName}/${name}`,
    get bytes() {
      return limits().bytes;
    },
    computes,
    async answer(bytes, sender) {
      const { request, values } = decode(bytes, input, limits().values);
      const response = await answer(request, sender, { bytes: bytes.length, values });
      return toBinary(output, create(output, response));
    },
  };
}

/** @throws MainstemError REQUEST_TOO_MANY, REQUEST_INVALID */
function decode<Input extends DescMessage>(
  bytes: Uint8Array,
  type: Input,
  most: number,
): { readonly request: MessageShape<Input>; readonly values: number } {
  try {
    const values = countValues(bytes, type, most);
    return { request: fromBinary(type, bytes, { readUnknownFields: false }), values };
  } catch (cause) {
    if (isMainstemError(cause)) throw cause;
    const reason = `its message is no ${type.typeName}`;
    throw new MainstemError('REQUEST_INVALID', { reason }, { cause });
  }
}

async function answerInfer(
  services: Services,
  message: ModelInferRequest,
  sender: Sender,
  size: Size,
): Promise<MessageInitShape<typeof ModelInferResponseSchema>> {
  const { modelName: name, modelVersion: version } = message;
  let chosen: ServedModel | undefined;
  let release = () => {};
  try {
    const { lineup } = services;
    const model = version === '' ? lineup.choose(name, sender.header) : lineup.find(name, version);
    chosen = model;
    release = lineup.hold(model);
    assertSize(size, ruleOf(model, services));
    const began = performance.now();
    const response = await infer(services, model, {
      ...{ asked: readRequest(message), isDrawn: version === '', at: new Date(), ...sender },
      elapsed: () => performance.now() - began,
      onEnd: setImmediate,
    });
    return writeResponse(response, message.rawInputContents.length > 0);
  } catch (error) {
    if (isMainstemError(error)) countRejection(services.instruments, chosen, error);
    throw error;
  } finally {
    release();
  }
}

/** @param version empty for the one that is served */
function versionOf({ lineup }: Services, name: string, version: string): ServedModel {
  return version === '' ? lineup.find(name) : lineup.find(name, version);
}

function ruleOf(model: ServedModel, { config }: Services): BodyRule {
  return findBodyRule(model, config, '/infer');
}

/** What a message for the largest model may hold, one for this model may not. */
function assertSize({ bytes, values }: Size, limits: Size): void {
  if (bytes > limits.bytes) throw new MainstemError('REQUEST_TOO_LARGE', { limit: limits.bytes });
  if (values > limits.values)
    throw new MainstemError('REQUEST_TOO_MANY', { limit: limits.values, unit: 'values' });
}

function writeMetadata({
  parameters,
  inputs,
  outputs,
  ...model
}: ModelMetadata): MessageInitShape<typeof ModelMetadataResponseSchema> {
  const describe = ({ name, datatype, shape }: ModelMetadata['inputs'][number]) => ({
    ...{ name, datatype, shape: shape.map(BigInt) },
  });
  const properties = Object.entries(parameters).map(([key, value]) => [key, String(value)]);
  return {
    ...model,
    inputs: inputs.map(describe),
    outputs: outputs.map(describe),
    properties: Object.fromEntries(properties),
  };
}

import type { FastifyReply } from 'fastify';
import { type Static, Type } from 'typebox';
import { photoFormatNames } from '../inference/photo-formats.ts';
import { headersOf, modelOf } from '../plugins/chosen-models.ts';
import { exchangeOf } from '../plugins/exchanges.ts';
import type { App, Services } from '../services.ts';
import { jsonLengthHeader, RawTensor, renderBinary } from './binary-tensors.ts';
import { infer, serverMetadata } from './infer.ts';
import {
  InferenceError,
  InferenceRequest,
  InferenceResponse,
  ModelMetadata,
  ServerMetadata,
} from './inference-schemas.ts';
import { buildMetadata, describeBytes } from './inference-tensors.ts';
import { requestBody } from './predict.ts';

const Path = Type.Object({ name: Type.String(), version: Type.Optional(Type.String()) });
const Live = Type.Object({ live: Type.Boolean() });
const Ready = Type.Object({ ready: Type.Boolean() });
const ServerReady = Type.Object({ live: Type.Boolean(), ready: Type.Boolean() });
/** Bytes need no schema: what they mean is in the JSON before them, or in the model. */
const octets = Type.Unknown({ description: 'JSON and the bytes of tensors, or bytes alone' });
const errors = { '4xx': InferenceError, '5xx': InferenceError };
const tags = ['open inference protocol'];

/**
 * Adds the Open Inference Protocol (v2), JSON, under `/v2`. Errors are `{"error"}` as the protocol says, not
 * problem details. A model's version is its run; a versioned path with another version is 404.
 *
 * @param now the current time, for the ids of answers.
 */
export function inferenceRoutes(app: App, services: Services, now: () => Date): void {
  protocolServerRoutes(app, services);
  protocolModelRoutes(app, services, now);
}

interface InferRoute {
  readonly Params: Static<typeof Path>;
  readonly Body: InferenceRequest | RawTensor;
}

function protocolServerRoutes(app: App, { isReady }: Services): void {
  app.get(
    '/',
    { schema: { summary: 'Server metadata', tags, response: { 200: ServerMetadata } } },
    async () => serverMetadata,
  );
  app.get(
    '/health/live',
    { schema: { summary: 'Server live', tags, response: { 200: Live } } },
    async () => ({ live: true }),
  );
  app.get(
    '/health/ready',
    { schema: { summary: 'Server ready', tags, response: { 200: ServerReady, ...errors } } },
    async (_request, reply) =>
      isReady() ? { live: true, ready: true } : notReady(reply, 'The server is not ready.'),
  );
}

function protocolModelRoutes(app: App, services: Services, now: () => Date): void {
  for (const path of ['/models/:name', '/models/:name/versions/:version']) {
    addMetadata(app, services, path);
    addReadiness(app, services, path);
    addInfer(app, services, path, now);
  }
}

function addMetadata(app: App, services: Services, path: string): void {
  app.get(
    path,
    {
      schema: {
        summary: 'Model metadata',
        tags,
        params: Path,
        response: { 200: ModelMetadata, ...errors },
      },
    },
    async ({ params }) => buildMetadata(services.lineup.find(params.name, params.version)),
  );
}

function addReadiness(app: App, services: Services, path: string): void {
  app.get(
    `${path}/ready`,
    {
      schema: {
        summary: 'Model ready',
        description:
          'Whether requests for it are answered. One that is not loaded is ready: the next request for it loads it. One that ' +
          'could not be loaded is not, until it may be tried again.',
        tags,
        params: Path,
        response: { 200: Ready, ...errors },
      },
    },
    async ({ params }, reply) => {
      const model = services.lineup.find(params.name, params.version);
      const { fault } = services.memory.stateOf(model);
      if (fault) throw fault;
      if (services.isReady()) return { ready: true };
      return notReady(reply, 'The model is not ready.');
    },
  );
}

function addInfer(app: App, services: Services, path: string, now: () => Date): void {
  app.post<InferRoute>(
    `${path}/infer`,
    {
      schema: {
        summary: 'Infer',
        description:
          'Input `input`: FP32 `[-1, …]` exactly as the model takes it, with null for a gap where its metadata have `gaps`; ' +
          `or, for image models, \`image\`: BYTES \`[-1]\`, each a ${photoFormatNames} (base64 in JSON), decoded as in ` +
          'training. Outputs: `class`, `probabilities` (calibrated), `accepted`, `score`, `output` (logits or value); all ' +
          'unless named. Tensors may be bytes after the JSON (binary tensor data extension), with ' +
          '`Inference-Header-Content-Length`.',
        tags,
        params: Path,
        ...requestBody({
          'application/json': InferenceRequest,
          'application/octet-stream': octets,
        }),
        response: { 200: InferenceResponse, ...errors },
      },
    },
    async (request, reply) => {
      const model = modelOf(request);
      const { body } = request;
      const asked = body instanceof RawTensor ? describeBytes(model, body) : body;
      const response = await infer(services, model, {
        ...{ asked, isDrawn: request.params.version === undefined, at: now() },
        ...{ header: headersOf(request), elapsed: () => reply.elapsedTime },
        ...exchangeOf(request),
      });
      const binary = renderBinary(response, asked);
      if (!binary) return response;
      reply.type('application/octet-stream').header(jsonLengthHeader, String(binary.jsonLength));
      return reply.send(binary.body);
    },
  );
}

function notReady(reply: FastifyReply, error: string): FastifyReply {
  return reply.code(503).header('retry-after', '1').send({ error });
}

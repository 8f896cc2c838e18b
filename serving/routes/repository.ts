import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { MainstemError } from '../../platform/lib/errors.ts';
import { findSchemaFault } from '../../platform/lib/schema-fault.ts';
import { isCrossSite } from '../access/origin.ts';
import { listOf } from '../config.ts';
import type { ServedModel } from '../inference/models.ts';
import { invalidRequest } from '../invalid-request.ts';
import { exchangeOf } from '../plugins/exchanges.ts';
import { protocolText } from '../plugins/problems.ts';
import type { App, Services } from '../services.ts';
import { InferenceError, Parameters } from './inference-schemas.ts';
import { checkedWhereRead, requestBody } from './predict.ts';

const Named = Type.Object({ name: Type.String() });

const IndexRequest = Type.Object({
  ready: Type.Optional(Type.Boolean({ description: 'whether only those that are loaded' })),
});

const Index = Type.Array(
  Type.Object({
    name: Type.String(),
    version: Type.String(),
    state: Type.Enum(['READY', 'LOADING', 'UNAVAILABLE'], {
      description: 'READY: it is loaded. Any other is loaded by the next request for it',
    }),
    reason: Type.String({ description: 'why it is not loaded; empty where it is' }),
  }),
);

const ChangeRequest = Type.Object({ parameters: Type.Optional(Parameters) });

const errors = { '4xx': InferenceError, '5xx': InferenceError };
const tags = ['model repository extension'];

/**
 * Adds the model repository extension of the Open Inference Protocol: what is loaded, loading and unloading. It is about memory
 * only. Which versions serve is decided by pointers, so that a model that was unloaded answers the next request all the same.
 */
export function repositoryRoutes(app: App, services: Services): void {
  indexRoute(app, services);
  changeRoute(app, 'load', {
    summary: 'Load a model',
    change: async ({ memory }, model, signal) =>
      (await memory.use(model, { signal, retries: true }))(),
    services,
  });
  changeRoute(app, 'unload', {
    summary: 'Unload a model until a request needs it',
    change: async ({ memory, config }, model) => {
      if (!listOf(config.pinned).includes(model.name)) return memory.unload(model);
      throw invalidRequest(`"${model.name}" is pinned: MAINSTEM_PINNED names it`);
    },
    services,
  });
}

function indexRoute(app: App, services: Services): void {
  app.post(
    '/repository/index',
    {
      schema: {
        summary: 'What is loaded of each model',
        tags,
        ...requestBody({ 'application/json': IndexRequest }),
        response: { 200: Index, ...errors },
      },
      validatorCompiler: checkedWhereRead,
    },
    async ({ body }) => {
      const { ready: isReadyOnly } = readBody(IndexRequest, body);
      const entries = services.lineup.answering.map((model) => describe(services, model));
      return entries.filter(({ state }) => !isReadyOnly || state === 'READY');
    },
  );
}

function describe({ memory }: Services, model: ServedModel) {
  const { name, version } = model;
  const { state, fault } = memory.stateOf(model);
  if (state === 'loaded') return { name, version, state: 'READY', reason: '' } as const;
  if (state === 'loading') return { name, version, state: 'LOADING', reason: '' } as const;
  const reason = fault ? protocolText(fault) : 'not loaded; the next request for it loads it';
  return { name, version, state: 'UNAVAILABLE', reason } as const;
}

/** A way to change what is loaded of one version. */
interface Change {
  readonly summary: string;
  readonly services: Services;
  readonly change: (services: Services, model: ServedModel, signal: AbortSignal) => Promise<void>;
}

function changeRoute(app: App, verb: string, { summary, services, change }: Change): void {
  const origins = new Set(listOf(services.config.origins));
  app.post(
    `/repository/models/:name/${verb}`,
    {
      schema: {
        summary,
        description:
          'All versions of the model that get requests. It changes what is in memory, not what serves: networks and settings come ' +
          'from the repository only.',
        tags,
        params: Named,
        ...requestBody({ 'application/json': ChangeRequest }),
        response: { 200: Type.Null({ description: 'it is done' }), ...errors },
      },
      validatorCompiler: checkedWhereRead,
      // Another site could make its visitors' browsers empty this server's memory.
      onRequest: async ({ headers }) => {
        if (isCrossSite(headers, origins)) throw new MainstemError('REQUEST_CROSS_SITE');
      },
    },
    async (request, reply) => {
      assertChange(request.body);
      for (const model of versionsOf(services, request))
        await change(services, model, exchangeOf(request).signal);
      return reply
        .code(200)
        .serializer(() => '')
        .send(null);
    },
  );
}

/** @throws MainstemError MODEL_UNKNOWN */
function versionsOf(
  { lineup }: Services,
  { params }: FastifyRequest<{ Params: { name: string } }>,
) {
  const { name } = lineup.find(params.name);
  return lineup.answering.filter((model) => model.name === name);
}

/** A body, which may be left out. @throws MainstemError REQUEST_INVALID */
function readBody<Schema extends typeof IndexRequest | typeof ChangeRequest>(
  schema: Schema,
  body: unknown,
): Static<Schema> {
  const value = body ?? {};
  const fault = findSchemaFault(schema, value);
  if (fault) throw invalidRequest(`${fault.key} is ${fault.value}, but must be ${fault.allowed}`);
  return value as Static<Schema>;
}

/** Triton loads what a request brings with it; here only commits say what serves. */
function assertChange(body: unknown): void {
  const { parameters = {} } = readBody(ChangeRequest, body);
  const foreign = Object.keys(parameters).filter((key) => key !== 'unload_dependents');
  if (foreign.length === 0) return;
  throw invalidRequest(
    `it has the parameter "${foreign[0]}", but networks and settings come from the repository only`,
  );
}

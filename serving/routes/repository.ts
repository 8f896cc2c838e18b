import { type Static, Type } from 'typebox';
import { MainstemError } from '../../platform/lib/errors.ts';
import { findSchemaFault } from '../../platform/lib/schema-fault.ts';
import { isCrossSite } from '../access/origin.ts';
import { listOf } from '../config.ts';
import { modelRepository } from '../inference/model-repository.ts';
import { invalidRequest } from '../invalid-request.ts';
import { exchangeOf } from '../plugins/exchanges.ts';
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

/** Adds the model repository extension of the Open Inference Protocol: what is loaded, loading and unloading. */
export function repositoryRoutes(app: App, services: Services): void {
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
      const { ready = false } = readBody(IndexRequest, body);
      return modelRepository.index(services, ready);
    },
  );
  changeRoute(app, services, 'load', 'Load a model');
  changeRoute(app, services, 'unload', 'Unload a model until a request needs it');
}

function changeRoute(app: App, services: Services, verb: 'load' | 'unload', summary: string): void {
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
      const { name } = request.params;
      const parameters = Object.keys(readBody(ChangeRequest, request.body).parameters ?? {});
      await modelRepository[verb](services, {
        ...{ name, parameters },
        signal: exchangeOf(request).signal,
      });
      return reply
        .code(200)
        .serializer(() => '')
        .send(null);
    },
  );
}

/** A body, which may be left out. @throws MainstemError REQUEST_INVALID */
function readBody<Schema extends typeof IndexRequest | typeof ChangeRequest>(
  schema: Schema,
  body: unknown,
): Static<Schema> {
  const value = body === undefined ? {} : body;
  const fault = findSchemaFault(schema, value);
  if (fault) throw invalidRequest(`${fault.key} is ${fault.value}, but must be ${fault.allowed}`);
  return value as Static<Schema>;
}

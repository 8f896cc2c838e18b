import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { type FastifyRequest, LogController } from 'fastify';
import { MainstemError } from '../platform/lib/errors.ts';
import { type Config, listOf } from './config.ts';
import { closeServices, createServices, type ServiceOptions } from './create-services.ts';
import type { GrpcServer } from './grpc/server.ts';
import { type Admission, createAdmission } from './inference/admission.ts';
import { loadFirst, type Preload } from './inference/preload.ts';
import { logOptions } from './logs/options.ts';
import { resolveAbsoluteTargets } from './plugins/absolute-targets.ts';
import { addAccess } from './plugins/access.ts';
import { atOnce } from './plugins/at-once.ts';
import { addBodies } from './plugins/bodies.ts';
import { addChosenModels, chosenModel } from './plugins/chosen-models.ts';
import { answerClientError, createHttpServer, rememberResponses } from './plugins/connections.ts';
import { addExchanges, follow } from './plugins/exchanges.ts';
import { addHostCheck } from './plugins/hosts.ts';
import type { Instruments } from './plugins/instruments.ts';
import { addLazySchemas } from './plugins/lazy-schemas.ts';
import { countRejection } from './plugins/model-metrics.ts';
import { maxHeaderSize } from './plugins/node-http.ts';
import { addOpenApi } from './plugins/openapi.ts';
import { addOrigins } from './plugins/origins.ts';
import { addProblems, sendError, translateError } from './plugins/problems.ts';
import { addSecurityHeaders } from './plugins/security.ts';
import { createShedding } from './plugins/shedding.ts';
import { addSingleHeaders } from './plugins/single-headers.ts';
import { addSpans } from './plugins/spans.ts';
import { addUnknownRoutes } from './plugins/unknown-routes.ts';
import { explainRoutes } from './routes/explain.ts';
import { feedbackRoutes } from './routes/feedback.ts';
import { healthRoutes } from './routes/health.ts';
import { inferenceRoutes } from './routes/inference.ts';
import { modelRoutes } from './routes/models.ts';
import { pageRoutes } from './routes/page.ts';
import { predictRoutes } from './routes/predict.ts';
import { repositoryRoutes } from './routes/repository.ts';
import { sessionRoutes } from './routes/session.ts';
import type { App, Services } from './services.ts';

/** An application with its models loaded. */
export interface ServingApp {
  readonly app: App;
  /** Looks at the pointers now, and returns when what they name answers or was refused. */
  follow(): Promise<void>;
  /** Stops being ready: readiness probes fail from now on, requests are still answered. */
  drain(): void;
  /** Ends the threads once what they compute is finished, however many requests are open. */
  endThreads(): Promise<void>;
  /**
   * Listens for gRPC until `app.close()`, and returns the address; null if the settings name no port for it.
   *
   * @throws Error of the system
   */
  listenGrpc(place: { readonly host: string; readonly port: number }): Promise<string | null>;
}

/**
 * Composes the server without listening: `app.inject()` answers requests, `app.close()` ends its threads.
 *
 * @throws MainstemError ACCESS_KEYS_REQUIRED, SERVING_NO_MODEL, MODEL_RECORD_*, SERVING_WORKER_FAILED, STORE_*, JSON_INVALID
 * @example
 * const { app } = await buildApp({ config: parseConfig({ root }), store: openStore(root) });
 * (await app.inject('/readyz')).json(); // { status: 'ready' }
 */
export async function buildApp(options: ServiceOptions): Promise<ServingApp> {
  const { config, now = () => new Date() } = options;
  const state: State = { draining: false };
  const { services, preload, begin } = await createServices(
    options,
    () => !state.draining,
    () => state.app?.log,
  );
  const admission = createAdmission({ requests: config.queue, bytes: config.bytesInFlight });
  const app = createServer(config, services.instruments, admission);
  state.app = app;
  const grpc = config.grpcPort === undefined ? null : await openGrpc(app, services, admission);
  app.addHook('onClose', async () => {
    await grpc?.closed;
    await closeServices(services);
  });
  closeWhileDraining(app, state);
  await addPlugins(app, services, admission);
  await addRoutes(app, services, now);
  await app.ready();
  // The threads have loaded the models while the routes were made.
  await loadAtStart(services, preload).catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  await services.follower.begin();
  await begin();
  void services.memory.fill(preload.later);
  return {
    app,
    async follow() {
      await services.source.look();
      await services.follower.look();
    },
    endThreads: () => services.pool.close(),
    listenGrpc: async (place) => grpc?.server.listen(place) ?? null,
    drain: () => {
      state.draining = true;
    },
  };
}

interface State {
  draining: boolean;
  /** Undefined until there is one. */
  app?: App;
}

/** What every request passes, in this order. */
async function addPlugins(app: App, services: Services, admission: Admission): Promise<void> {
  const { config } = services;
  addLazySchemas(app);
  addExchanges(app, services.instruments);
  if (services.spans) addSpans(app, services.spans, isProbe);
  addSecurityHeaders(app);
  addProblems(app, countRejections(services));
  addSingleHeaders(app);
  addHostCheck(app, config);
  refuseWhileClosing(app);
  await addOrigins(app, config);
  addUnknownRoutes(app);
  addAccess(app, services);
  addChosenModels(app, services.lineup);
  addBodies(app, services, admission);
  addOpenApi(app, services);
}

async function addRoutes(app: App, services: Services, now: () => Date): Promise<void> {
  predictRoutes(app, services, now);
  explainRoutes(app, services, now);
  feedbackRoutes(app, services, now);
  modelRoutes(app, services);
  sessionRoutes(app, services, now);
  healthRoutes(app, services);
  await app.register(
    async (scope) => {
      inferenceRoutes(scope, services, now);
      repositoryRoutes(scope, services);
    },
    { prefix: '/v2' },
  );
  await pageRoutes(app);
}

/** @throws MainstemError SERVING_*, STORE_* where a model that is to be there before the server is ready cannot be loaded */
async function loadAtStart({ pool, memory, config }: Services, { first }: Preload): Promise<void> {
  await pool.ready();
  await loadFirst(memory, first, config.modelsMemory);
}

/** gRPC beside an application. It is loaded only where it is asked for: it takes some 100 ms and 8 MB. */
async function openGrpc(app: App, services: Services, admission: Admission) {
  const { createGrpcServer } = await import('./grpc/server.ts');
  const server = createGrpcServer({ services, admission, log: app.log });
  const opened: { server: GrpcServer; closed: Promise<void> | null } = { server, closed: null };
  app.addHook('preClose', async () => {
    opened.closed = server.close();
  });
  return opened;
}

function createServer(config: Config, instruments: Instruments, admission: Admission): App {
  const proxies = listOf(config.proxies);
  const shedding = createShedding(admission, instruments);
  const app = fastify({
    ...logOptions(config),
    trustProxy: proxies.length > 0 && proxies,
    logController: new LogController({ disableRequestLogging: isProbe }),
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    // A name of any length is looked up: if no model has it, the answer says so.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: maxHeaderSize },
    serverFactory: (listener) =>
      createHttpServer(resolveAbsoluteTargets(shedding.wrap(rememberResponses(listener)))),
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => {
      follow(request, reply, instruments);
      sendError(translateError(error), request, reply);
    },
  }).withTypeProvider<TypeBoxTypeProvider>();
  shedding.watch(app);
  return app;
}

/** A kept-alive connection would delay closing until it times out. */
function closeWhileDraining(app: App, state: State): void {
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (state.draining) reply.header('connection', 'close');
    done();
  });
}

/** Requests that reach a closing server on a connection that is still open. */
function refuseWhileClosing(app: App): void {
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook(
    'onRequest',
    atOnce(() => {
      if (closing) throw new MainstemError('SERVING_BUSY', { reason: 'it is stopping' });
    }),
  );
}

/** Probes come every few seconds and are not worth logging. */
function isProbe({ url }: { readonly url: string }): boolean {
  return ['/healthz', '/readyz', '/metrics', '/v2/health/live', '/v2/health/ready'].includes(url);
}

function countRejections({ instruments }: Services) {
  return (error: MainstemError, request: FastifyRequest): void => {
    const isFeedback = request.routeOptions.url?.endsWith('/feedback');
    if (!isFeedback) countRejection(instruments, chosenModel(request), error);
  };
}

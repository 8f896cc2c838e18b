import { join } from 'node:path';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { type FastifyRequest, LogController } from 'fastify';
import { Registry } from 'prom-client';
import { MainstemError } from '../platform/lib/errors.ts';
import { readBuildId } from '../platform/registry/index.ts';
import type { BlobStore } from '../platform/schemas/index.ts';
import { openAccess } from './access/access.ts';
import { type Config, listOf } from './config.ts';
import { openFeedback } from './feedback/store.ts';
import { createFilesSource, type Source } from './following/source.ts';
import type { GrpcServer } from './grpc/server.ts';
import { type Admission, createAdmission } from './inference/admission.ts';
import { createComparer } from './inference/compare.ts';
import { createExplainer } from './inference/explainer.ts';
import { openFeatures } from './inference/features.ts';
import { createFollower } from './inference/follow.ts';
import { createLineup } from './inference/lineup.ts';
import { createMemory } from './inference/memory.ts';
import { loadFirstModels, type ServedModel, sessionOf } from './inference/models.ts';
import { createPhotos } from './inference/photos.ts';
import { createPool } from './inference/pool.ts';
import { createPredictor } from './inference/predictor.ts';
import { loadFirst, type Preload, planPreload, readNetworks } from './inference/preload.ts';
import type { Thread } from './inference/threads.ts';
import { logOptions } from './logs/options.ts';
import { parseHeaders } from './logs/parse-headers.ts';
import type { Spans } from './logs/spans.ts';
import { addAccess, createKeysReporter } from './plugins/access.ts';
import { atOnce } from './plugins/at-once.ts';
import { addBodies } from './plugins/bodies.ts';
import { addChosenModels, chosenModel } from './plugins/chosen-models.ts';
import { answerClientError, createHttpServer, rememberResponses } from './plugins/connections.ts';
import { addExchanges, follow } from './plugins/exchanges.ts';
import { createFollowReporter } from './plugins/follow-metrics.ts';
import { addHostCheck } from './plugins/hosts.ts';
import { createInstruments, type Instruments } from './plugins/instruments.ts';
import { addLazySchemas } from './plugins/lazy-schemas.ts';
import { createMemoryObserver } from './plugins/memory-metrics.ts';
import { countRejection, createFeaturesReporter, createObserver } from './plugins/model-metrics.ts';
import { maxHeaderSize } from './plugins/node-http.ts';
import { addOpenApi } from './plugins/openapi.ts';
import { addOrigins } from './plugins/origins.ts';
import { addProblems, sendError, translateError } from './plugins/problems.ts';
import { addProcessMetrics } from './plugins/process-metrics.ts';
import { addSecurityHeaders } from './plugins/security.ts';
import { createShedding, type Shedding } from './plugins/shedding.ts';
import { addSingleHeaders } from './plugins/single-headers.ts';
import { addSpans } from './plugins/spans.ts';
import { addUnknownRoutes } from './plugins/unknown-routes.ts';
import {
  createComparisonCounter,
  createLineupObserver,
  createRefusalReporter,
  showFirst,
} from './plugins/version-metrics.ts';
import { lineOutcomes, openPredictionLog, type PredictionLog } from './predictions/log.ts';
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

/** What an application is built from. */
export interface AppOptions {
  readonly config: Config;
  /** Where the models' bytes are. */
  readonly store: BlobStore;
  /** The current time. @default the system's clock */
  readonly now?: () => Date;
  /** Threads that run already. @default as many as the settings say are started */
  readonly threads?: readonly Thread[];
}

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
export async function buildApp(options: AppOptions): Promise<ServingApp> {
  const { config, now = () => new Date() } = options;
  const state: { draining: boolean; app?: App } = { draining: false };
  const { services, preload, begin } = await createServices(
    options,
    () => !state.draining,
    () => state.app?.log,
  );
  const admission = createAdmission({ requests: config.queue, bytes: config.bytesInFlight });
  const shedding = createShedding(admission, services.instruments);
  const app = createServer(config, services.instruments, shedding);
  state.app = app;
  shedding.watch(app);
  const grpc = config.grpcPort === undefined ? null : await openGrpc(app, services, admission);
  app.addHook('onClose', async () => {
    await grpc?.closed;
    services.access.keys.close();
    await services.source.close();
    services.follower.stop();
    services.features.close();
    services.memory.close();
    await services.pool.close();
    await services.predictions.close();
    await services.spans?.close();
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    // A kept-alive connection would delay closing until it times out.
    if (state.draining) reply.header('connection', 'close');
    done();
  });
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

function createServer(config: Config, instruments: Instruments, shedding: Shedding): App {
  const proxies = listOf(config.proxies);
  return fastify({
    ...logOptions(config),
    trustProxy: proxies.length > 0 && proxies,
    logController: new LogController({ disableRequestLogging: isProbe }),
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    // However long a name is, there is no model that is called so.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: maxHeaderSize },
    serverFactory: (listener) => createHttpServer(shedding.wrap(rememberResponses(listener))),
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => {
      follow(request, reply, instruments);
      sendError(translateError(error), request, reply);
    },
  }).withTypeProvider<TypeBoxTypeProvider>();
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

async function createServices(
  { config, store, now = () => new Date(), threads = [] }: AppOptions,
  isReady: () => boolean,
  log: () => App['log'] | undefined,
): Promise<{ readonly services: Services; readonly preload: Preload; begin(): Promise<void> }> {
  const { registry, instruments } = createMetrics();
  const { source, flush } = await openSource(config, store, instruments, log);
  const models = await loadFirstModels(source, config.model);
  showFirst(instruments, models, now());
  const versions = { registry, instruments, now, log };
  const access = await openAccess(config, now, createKeysReporter(instruments, log));
  const preload = planPreload(models, config);
  // Threads that start with their networks are ready sooner, but what these take is not known.
  const started = config.modelsMemory === 0 ? await readNetworks(preload.first) : [];
  const pool = createPool({ models: started }, config, threads);
  const photos = createPhotos(pool, config);
  let answering: () => readonly ServedModel[] = () => models;
  const features = await openFeatures({
    ...{ folder: config.featuresFolder, now },
    models: () => answering(),
    reporter: createFeaturesReporter(instruments, log),
  });
  const pinned = new Set(listOf(config.pinned));
  const memory = createMemory(
    {
      ...config,
      pool,
      isPinned: (session) =>
        pinned.size > 0 &&
        answering().some((model) => pinned.has(model.name) && sessionOf(model) === session),
      observer: createMemoryObserver(instruments, log),
    },
    started.map(({ model, onnx }) => ({ model, bytes: onnx.length })),
  );
  const predictor = createPredictor(pool, photos, createObserver(instruments), features, memory);
  const silentPredictor = createPredictor(pool, photos, undefined, features, memory);
  const lineup = createLineup(models, {
    ...{ preferred: config.model, pool, memory },
    predictor: createPredictor(pool, photos, undefined, features),
    observer: createLineupObserver(versions),
  });
  answering = () => lineup.answering;
  const follower = createFollower({
    ...{ source, lineup, everySeconds: config.followSeconds },
    onRefused: createRefusalReporter(versions),
  });
  const build = await readBuildId(join(import.meta.dirname, '..'));
  const services: Services = {
    ...{ config, access, build },
    spans: await createSpans(config, build, now, log),
    get models() {
      return lineup.models;
    },
    ...{ lineup, follower, source, pool, memory },
    predictor,
    comparer: createComparer({
      ...{ lineup, pool, predictor, silentPredictor, workers: config.workers },
      onCompared: createComparisonCounter(instruments),
    }),
    silentPredictor,
    features,
    explainer: createExplainer(pool, photos, config, features, memory),
    feedback: await openFeedback(config.feedbackFolder, {
      bytes: config.feedbackBytes,
      daily: config.feedbackDaily,
    }),
    predictions: createPredictionLog(config, now, instruments, log),
    registry,
    instruments,
    isReady: () => isReady() && pool.alive,
  };
  const begin = async () => {
    flush();
    await source.begin(follower);
  };
  return { services, preload, begin };
}

/** Where pointers come from. What follows a branch is loaded only where one is followed. */
async function openSource(
  config: Config,
  store: BlobStore,
  instruments: Instruments,
  log: () => App['log'] | undefined,
): Promise<{ readonly source: Source; flush(): void }> {
  if (config.follow === 'files')
    return { source: createFilesSource(config.root, store), flush: () => {} };
  const { openBranch } = await import('./following/open.ts');
  const reporter = createFollowReporter(instruments, config.followBranch, log);
  return { source: await openBranch(config, reporter), flush: reporter.flush };
}

/** The log of answers, which tells the log of the server only of errors. */
function createPredictionLog(
  config: Config,
  now: () => Date,
  instruments: Instruments,
  log: () => App['log'] | undefined,
): PredictionLog {
  for (const outcome of lineOutcomes) instruments.predictionLogLines.inc({ outcome }, 0);
  const { predictionLog, predictionShare } = config;
  const shares = { off: 0, sample: predictionShare, full: 1 };
  return openPredictionLog({
    folder: config.predictionFolder,
    share: shares[predictionLog],
    values: config.predictionInputs === 'values',
    bytes: config.predictionBytes,
    days: config.predictionDays,
    now,
    reporter: {
      count: (outcome, lines) => instruments.predictionLogLines.inc({ outcome }, lines),
      failed: (error) => log()?.error(error, 'the prediction log cannot be written'),
      recovered: () => log()?.info('the prediction log is written again'),
    },
  });
}

/** Loaded only where spans go somewhere. */
async function createSpans(
  { otlpEndpoint: endpoint, otlpHeaders, otlpCompression: compression, serviceName }: Config,
  build: string,
  now: () => Date,
  log: () => App['log'] | undefined,
): Promise<Spans | null> {
  if (endpoint === '') return null;
  const reporter = {
    failed: (error: Error) => log()?.warn(error, 'spans cannot be sent to the collector'),
    recovered: () => log()?.info('spans are sent to the collector again'),
  };
  const { openSpans } = await import('./logs/spans.ts');
  const headers = parseHeaders(otlpHeaders);
  const to = { endpoint, headers, compression, service: serviceName };
  return openSpans({ ...to, build, now, reporter });
}

function createMetrics(): { registry: Registry; instruments: Instruments } {
  const registry = new Registry();
  addProcessMetrics(registry);
  return { registry, instruments: createInstruments(registry) };
}

function countRejections({ instruments }: Services) {
  return (error: MainstemError, request: FastifyRequest): void => {
    const isFeedback = request.routeOptions.url?.endsWith('/feedback');
    if (!isFeedback) countRejection(instruments, chosenModel(request), error);
  };
}

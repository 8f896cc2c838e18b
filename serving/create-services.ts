import { join } from 'node:path';
import { Registry } from 'prom-client';
import { readBuildId } from '../platform/registry/index.ts';
import type { BlobStore } from '../platform/schemas/index.ts';
import { openAccess } from './access/access.ts';
import { type Config, listOf } from './config.ts';
import { openFeedback } from './feedback/store.ts';
import { createFilesSource, type Source } from './following/source.ts';
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
import { type Preload, planPreload, readNetworks } from './inference/preload.ts';
import type { Thread } from './inference/threads.ts';
import { parseHeaders } from './logs/parse-headers.ts';
import type { Spans } from './logs/spans.ts';
import { createKeysReporter } from './plugins/access.ts';
import { createFollowReporter } from './plugins/follow-metrics.ts';
import { createInstruments, type Instruments } from './plugins/instruments.ts';
import { createMemoryObserver } from './plugins/memory-metrics.ts';
import { createFeaturesReporter, createObserver } from './plugins/model-metrics.ts';
import { addProcessMetrics } from './plugins/process-metrics.ts';
import {
  createComparisonCounter,
  createLineupObserver,
  createRefusalReporter,
  showFirst,
  type VersionMetrics,
} from './plugins/version-metrics.ts';
import { lineOutcomes, openPredictionLog, type PredictionLog } from './predictions/log.ts';
import type { App, Services } from './services.ts';

/** What the services of a server are made of. */
export interface ServiceOptions {
  readonly config: Config;
  /** Where the models' bytes are. */
  readonly store: BlobStore;
  /** The current time. @default the system's clock */
  readonly now?: () => Date;
  /** Threads that run already. @default as many as the settings say are started */
  readonly threads?: readonly Thread[];
}

/** The services of a server whose models are not loaded yet. */
export interface CreatedServices {
  readonly services: Services;
  /** What is to be loaded, and when. */
  readonly preload: Preload;
  /** Begins to look where pointers come from. */
  begin(): Promise<void>;
}

type Log = () => App['log'] | undefined;

/**
 * Creates what the routes use, without the application.
 *
 * @param isReady whether the application takes requests
 * @param log undefined until there is an application
 * @throws MainstemError ACCESS_KEYS_REQUIRED, SERVING_NO_MODEL, MODEL_RECORD_*, STORE_*, JSON_INVALID
 */
export async function createServices(
  { config, store, now = () => new Date(), threads = [] }: ServiceOptions,
  isReady: () => boolean,
  log: Log,
): Promise<CreatedServices> {
  const { registry, instruments } = createMetrics();
  const { source, flush } = await openSource(config, store, instruments, log);
  const models = await loadFirstModels(source, config.model);
  showFirst(instruments, models, now());
  const reporting = { registry, instruments, now, log };
  const access = await openAccess(config, now, createKeysReporter(instruments, log));
  const preload = planPreload(models, config);
  const inference = await createInference({ config, threads, models, preload, reporting });
  const { lineup, pool, predictor, silentPredictor } = inference;
  const follower = createFollower({
    ...{ source, lineup, everySeconds: config.followSeconds },
    onRefused: createRefusalReporter(reporting),
  });
  const build = await readBuildId(join(import.meta.dirname, '..'));
  const services: Services = {
    ...{ config, access, build, follower, source, registry, instruments },
    ...inference,
    get models() {
      return lineup.models;
    },
    spans: await createSpans(config, build, now, log),
    comparer: createComparer({
      ...{ lineup, pool, predictor, silentPredictor, workers: config.workers },
      onCompared: createComparisonCounter(instruments),
    }),
    feedback: await openFeedback(config.feedbackFolder, {
      bytes: config.feedbackBytes,
      daily: config.feedbackDaily,
    }),
    predictions: createPredictionLog(config, now, instruments, log),
    isReady: () => isReady() && pool.alive,
  };
  const begin = async () => {
    flush();
    await source.begin(follower);
  };
  return { services, preload, begin };
}

/** Ends what services began, once no request is open. */
export async function closeServices(services: Services): Promise<void> {
  services.access.close();
  await services.source.close();
  services.follower.stop();
  services.features.close();
  services.memory.close();
  await services.pool.close();
  await services.predictions.close();
  await services.spans?.close();
}

interface InferenceOptions extends Required<Pick<ServiceOptions, 'config' | 'threads'>> {
  readonly models: readonly ServedModel[];
  readonly preload: Preload;
  readonly reporting: VersionMetrics;
}

/** What computes answers, and the versions that give them. */
async function createInference({
  config,
  threads,
  models,
  preload,
  reporting,
}: InferenceOptions): Promise<
  Pick<
    Services,
    'pool' | 'features' | 'memory' | 'predictor' | 'silentPredictor' | 'lineup' | 'explainer'
  >
> {
  const { instruments, now, log } = reporting;
  // Threads that start with their networks are ready sooner, but what these take is not known.
  const started = config.modelsMemory === 0 ? await readNetworks(preload.first) : [];
  const pool = createPool({ models: started }, config, threads);
  const photos = createPhotos(pool, config);
  // Until there is a line-up, whatever was loaded first answers.
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
  const lineup = createLineup(models, {
    ...{ preferred: config.model, pool, memory },
    predictor: createPredictor(pool, photos, undefined, features),
    observer: createLineupObserver(reporting),
  });
  answering = () => lineup.answering;
  return {
    ...{ pool, features, memory, lineup },
    predictor: createPredictor(pool, photos, createObserver(instruments), features, memory),
    silentPredictor: createPredictor(pool, photos, undefined, features, memory),
    explainer: createExplainer(pool, photos, config, features, memory),
  };
}

/** Where pointers come from. What follows a branch is loaded only where one is followed. */
async function openSource(
  config: Config,
  store: BlobStore,
  instruments: Instruments,
  log: Log,
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
  log: Log,
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
  log: Log,
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

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { Registry } from 'prom-client';
import type { Digest } from '../platform/lib/hash.ts';
import type { Access } from './access/access.ts';
import type { Config } from './config.ts';
import type { FeedbackStore } from './feedback/store.ts';
import type { Source } from './following/source.ts';
import type { Comparer } from './inference/compare.ts';
import type { Explainer } from './inference/explainer.ts';
import type { Features } from './inference/features.ts';
import type { Follower } from './inference/follow.ts';
import type { Lineup } from './inference/lineup.ts';
import type { ModelMemory } from './inference/memory.ts';
import type { ServedModel } from './inference/models.ts';
import type { Pool } from './inference/pool.ts';
import type { Predictor } from './inference/predictor.ts';
import type { Spans } from './logs/spans.ts';
import type { Instruments } from './plugins/instruments.ts';
import type { PredictionLog } from './predictions/log.ts';

/** What the routes use. */
export interface Services {
  readonly config: Config;
  readonly access: Access;
  /** The digest of the server's own files. */
  readonly build: Digest;
  /** What answers now for each model, the default one first. */
  readonly models: readonly ServedModel[];
  readonly lineup: Lineup;
  readonly follower: Follower;
  /** Where its pointers come from. */
  readonly source: Source;
  readonly comparer: Comparer;
  readonly pool: Pool;
  /** Which of the models are loaded. */
  readonly memory: ModelMemory;
  readonly predictor: Predictor;
  /** A predictor that counts nothing: for answers that nobody requested. */
  readonly silentPredictor: Predictor;
  readonly explainer: Explainer;
  readonly features: Features;
  readonly feedback: FeedbackStore;
  readonly predictions: PredictionLog;
  /** Null where no collector is named. */
  readonly spans: Spans | null;
  readonly registry: Registry;
  readonly instruments: Instruments;
  /** Whether the server accepts requests; false while it is stopping. */
  readonly isReady: () => boolean;
}

/** The Fastify application, which infers types from schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

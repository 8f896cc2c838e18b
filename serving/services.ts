import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { Registry } from 'prom-client';
import type { Config } from './config.ts';
import type { FeedbackStore } from './feedback/store.ts';
import type { ServedModel } from './inference/models.ts';
import type { Pool } from './inference/pool.ts';
import type { Predictor } from './inference/predictor.ts';
import type { Instruments } from './plugins/instruments.ts';

/** What routes work with. */
export interface Services {
  readonly config: Config;
  /** The default model first. */
  readonly models: readonly ServedModel[];
  readonly pool: Pool;
  readonly predictor: Predictor;
  /** The same without counting: for answers that nobody asked for. */
  readonly silentPredictor: Predictor;
  readonly feedback: FeedbackStore;
  readonly registry: Registry;
  readonly instruments: Instruments;
  /** Whether the server wants requests; false while it stops. */
  readonly isReady: () => boolean;
}

/** The application, with schemas as types. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

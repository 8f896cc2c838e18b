import { createHash, timingSafeEqual } from 'node:crypto';
import fastify, { type FastifyError, type FastifyInstance, LogController } from 'fastify';
import { isMainstemError } from '../../platform/lib/errors.ts';
import { explainSystemError } from '../../platform/lib/explain-system-error.ts';
import { parseValue } from '../../platform/lib/json.ts';
import type { NotificationOutcome } from '../metrics.ts';
import type { BridgeConfig } from './config.ts';
import { createBridgeGitHub } from './github.ts';
import { type BridgeInstruments, createBridgeInstruments } from './instruments.ts';
import { createMainWatch, type MainWatch } from './main-watch.ts';
import { Notification } from './notification.ts';
import { type Outbox, type OutboxObserver, openOutbox } from './outbox.ts';

/** What a bridge is built from. */
export interface BridgeOptions {
  readonly config: BridgeConfig;
  /** Milliseconds. @default the system's clock */
  readonly now?: () => number;
  /** In [0, 1), for the jitter of waits. @default Math.random */
  readonly random?: () => number;
}

/** A bridge that is not listening yet. */
export interface Bridge {
  readonly app: FastifyInstance;
  readonly outbox: Outbox;
  readonly main: MainWatch;
  /** Stops taking notifications, ends the attempt in progress and keeps what waits. */
  close(): Promise<void>;
}

/** A group of a thousand alerts with their annotations fits. */
const bodyLimit = 1024 * 1024;

/**
 * Composes the bridge without listening. It takes Alertmanager's notifications at `POST /alerts`, and asks GitHub for a
 * retraining or a revert, each of which ends in a pull request.
 *
 * @throws MainstemError BRIDGE_CONFIG_INVALID, JSON_INVALID and FILE_UNREADABLE for its state file
 */
export async function buildBridge(options: BridgeOptions): Promise<Bridge> {
  const { config, now = Date.now, random = Math.random } = options;
  const { registry, instruments } = createBridgeInstruments();
  const app = createApp(config);
  const github = createBridgeGitHub({ config, now, random });
  const main = createMainWatch(github, instruments, {
    now,
    onFault: (error) => app.log.warn(error, 'main cannot be read'),
  });
  const outbox = await openOutbox({
    stateFile: config.stateFile,
    limits: {
      coolDown: config.coolDownHours * 3_600_000,
      projects: config.projects.split(',').flatMap((name) => name.trim() || []),
    },
    queue: config.queue,
    github,
    observer: observe(instruments, app, now),
    now,
  });
  addNotifications(app, { secret: config.secret, outbox, instruments });
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/metrics', async (_request, reply) => {
    reply.type(registry.contentType);
    return registry.metrics();
  });
  await app.ready();
  return {
    app,
    outbox,
    main,
    close: async () => {
      main.stop();
      await app.close();
      await outbox.close();
    },
  };
}

function createApp({ logLevel }: BridgeConfig): FastifyInstance {
  const quiet = new Set(['/healthz', '/metrics']);
  return fastify({
    logger: { level: logLevel },
    logController: new LogController({ disableRequestLogging: ({ url }) => quiet.has(url) }),
    bodyLimit,
    requestTimeout: 10_000,
    forceCloseConnections: 'idle',
  });
}

interface NotificationServices {
  readonly secret: string;
  readonly outbox: Outbox;
  readonly instruments: BridgeInstruments;
}

function addNotifications(
  app: FastifyInstance,
  { secret, outbox, instruments }: NotificationServices,
): void {
  const isRight = compareWith(`Bearer ${secret}`);
  const count = (outcome: NotificationOutcome) => instruments.notifications.inc({ outcome });
  app.post('/alerts', {
    // Before the body is read: whoever has no token sends nothing.
    onRequest: async (request, reply) => {
      if (isRight(request.headers.authorization ?? '')) return;
      count('unauthorised');
      reply.header('www-authenticate', 'Bearer').header('connection', 'close');
      return reply.code(401).send({ error: 'The bearer token is missing or wrong.' });
    },
    errorHandler: (error, request, reply) => {
      const status = statusOf(error);
      if (status < 500) count('invalid');
      else request.log.error(error);
      const reason = status < 500 && error instanceof Error ? error.message : 'See the log.';
      reply.code(status).send({ error: reason });
    },
    handler: async (request, reply) => {
      const notification = parseValue(request.body, Notification, 'the notification');
      const plan = await outbox.take(notification);
      if (plan === null) {
        count('busy');
        return reply.code(503).send({ error: 'Too many dispatches wait.' });
      }
      count('taken');
      for (const told of plan.outcomes) instruments.alerts.inc({ ...told });
      return { queued: plan.asks.length };
    },
  });
}

/** A notification that is wrong stays wrong; what the bridge cannot do now, Alertmanager asks for again. */
function statusOf(error: unknown): number {
  if (isMainstemError(error, 'JSON_INVALID')) return 400;
  // The disk, mostly.
  if (explainSystemError(error) !== null) return 503;
  const status = (error as FastifyError).statusCode ?? 500;
  return status >= 400 && status < 500 ? status : 500;
}

/** Compares digests, which have one length, in a time that says nothing of where they differ. */
function compareWith(expected: string): (given: string) => boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const right = digest(expected);
  return (given) => timingSafeEqual(digest(given), right);
}

function observe(
  instruments: BridgeInstruments,
  { log }: FastifyInstance,
  now: () => number,
): OutboxObserver {
  return {
    waiting: (count) => instruments.waiting.set(count),
    ended: ({ action, project, alert }, outcome, reason) => {
      instruments.dispatches.inc({ action, outcome });
      if (outcome === 'sent') instruments.lastSent.set({ action }, now() / 1000);
      const level = outcome === 'sent' ? 'info' : 'error';
      log[level]({ action, project, alert, outcome, reason }, 'a dispatch ended');
    },
    again: ({ action, project }, { reason, wait }) => {
      instruments.retries.inc({ reason: wait.reason });
      log.warn({ action, project, reason, wait }, 'a dispatch is sent again');
    },
    forgetful: (error) => log.error(error, 'the state file cannot be written'),
  };
}

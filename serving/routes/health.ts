import { Type } from 'typebox';
import { trialChannels } from '../../platform/registry/index.ts';
import { showFollowing } from '../plugins/follow-metrics.ts';
import { showMemory } from '../plugins/memory-metrics.ts';
import { showRefused } from '../plugins/version-metrics.ts';
import { Version } from '../schemas.ts';
import type { App, Services } from '../services.ts';

const Status = Type.Object({ status: Type.String() });
const Readiness = Type.Object({
  status: Type.String(),
  models: Type.Optional(
    Type.Literal('refused', {
      description: 'a pointer names a version that cannot serve, and the one from before answers',
    }),
  ),
  branch: Type.Optional(
    Type.Literal('unseen', {
      description: 'the branch that is followed cannot be read, and what it named before answers',
    }),
  ),
  keys: Type.Optional(
    Type.Literal('damaged', {
      description: 'the keys file cannot be read, and those from before count',
    }),
  ),
});

/** Adds `/healthz` (alive), `/readyz` (accepts requests), `/version` (what it serves) and `/metrics`. */
export function healthRoutes(app: App, services: Services): void {
  const tags = ['operate'];

  app.get(
    '/healthz',
    { schema: { summary: 'Whether the process is alive', tags, response: { 200: Status } } },
    async () => ({ status: 'alive' }),
  );

  app.get(
    '/readyz',
    {
      schema: {
        summary: 'Whether the server accepts requests',
        tags,
        response: { 200: Readiness, 503: Readiness },
      },
    },
    async (_request, reply) => {
      const ready = services.isReady();
      if (!ready) reply.header('retry-after', '1');
      const status = ready ? 'ready' : 'not ready';
      const keys = services.access.keys.fault && ({ keys: 'damaged' } as const);
      const models = services.follower.refused.length > 0 && ({ models: 'refused' } as const);
      const branch = services.source.state?.failure && ({ branch: 'unseen' } as const);
      return reply.code(ready ? 200 : 503).send({ status, ...keys, ...models, ...branch });
    },
  );

  app.get(
    '/version',
    { schema: { summary: 'What is served, by digest', tags, response: { 200: Version } } },
    async () => ({
      server: 'mainstem',
      build: services.build,
      models: services.models.map(({ pointer }) => ({
        model: pointer.model,
        version: pointer.run,
        record: pointer.record,
        onnx: pointer.onnx,
        ...triedOf(services, pointer.model),
      })),
      ...unservedOf(services),
      ...followedOf(services),
    }),
  );

  app.get('/metrics', { schema: { summary: 'Prometheus metrics', tags } }, async (_, reply) => {
    const { instruments, registry, pool, feedback, predictions, models, memory } = services;
    instruments.queue.set(pool.waiting);
    // The next scrape shows what was found; this one does not wait for a disk.
    feedback.recount().catch(() => {});
    instruments.feedbackStored.set(feedback.storedBytes);
    instruments.feedbackFiles.set(feedback.storedFiles);
    instruments.predictionLogStored.set(predictions.storedBytes);
    showRefused(instruments, models, services.follower.refused);
    showFollowing(instruments, services.source.state);
    const limit = services.config.modelsMemory;
    showMemory(instruments, memory, { models, isReady: services.isReady(), limit });
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}

/** What pointers name of models that do not serve at all. */
function unservedOf({ follower, models }: Services) {
  const served = models.map(({ name }) => name);
  const refused = follower.refused
    .filter(({ model }) => !served.includes(model))
    .map(({ model, channel, version, error: { code } }) => ({ model, channel, version, code }));
  return refused.length > 0 ? { refused } : {};
}

/** Which branch is followed, and how it stands. */
function followedOf({ source: { state } }: Services) {
  if (!state) return {};
  const { failure, ...others } = state;
  return { follows: { ...others, failure: failure?.code ?? null } };
}

/** What of a model's pointers cannot be followed, and what is tried beside the version in production. */
function triedOf({ follower, lineup }: Services, name: string) {
  const refused = follower.refused
    .filter(({ model }) => model === name)
    .map(({ channel, version, error: { code } }) => ({ channel, version, code }));
  const trials = trialChannels.flatMap((channel) => {
    const tried = lineup.trial(name, channel);
    if (!tried) return [];
    const { run: version, record, onnx } = tried.model.pointer;
    return [{ channel, version, record, onnx, share: tried.traffic.share }];
  });
  return { ...(refused.length > 0 && { refused }), ...(trials.length > 0 && { trials }) };
}

import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { metrics, type SwitchOutcome, switchOutcomes } from '../../monitoring/index.ts';
import type { LineupObserver, Refused } from '../inference/lineup.ts';
import { labelsOf, type ModelLabels, type ServedModel } from '../inference/models.ts';
import type { Instruments } from './instruments.ts';
import { initialiseCounters, showModel } from './model-metrics.ts';

/** Where versions are shown, and who is told. */
export interface VersionMetrics {
  readonly registry: Registry;
  readonly instruments: Instruments;
  readonly now: () => Date;
  readonly log: () => Pick<FastifyInstance['log'], 'info' | 'error'> | undefined;
}

/** Says in metrics and log which versions answer: those that nothing needs any more leave no series behind. */
export function createLineupObserver(options: VersionMetrics): LineupObserver {
  const { registry, instruments, now, log } = options;
  const count = (model: string, outcome: SwitchOutcome) =>
    instruments.modelSwitches.inc({ model, outcome });
  return {
    loaded: (model) => initialiseCounters(instruments, model),
    entered(model, before) {
      const { name, version } = model;
      showModel(instruments, model, now().getTime() / 1000);
      showFollowed(instruments, name);
      count(name, 'switched');
      const shown = { model: name, version, before: before?.version ?? null };
      log()?.info(shown, 'another version answers');
    },
    left(model) {
      void removeSeries(registry, labelsOf(model), 'gauge');
      log()?.info(labelsOf(model), 'a version answers no new requests');
    },
    unloaded(model) {
      void removeSeries(registry, labelsOf(model));
      log()?.info(labelsOf(model), 'a version was unloaded');
    },
  };
}

/** Shows that a pointer names what cannot serve, or no longer does. */
export function createRefusalReporter({ instruments, log }: VersionMetrics) {
  return (model: string, refused: Refused | null): void => {
    instruments.pointerRefused.set({ model }, Number(refused !== null));
    if (refused === null) return;
    instruments.modelSwitches.inc({ model, outcome: 'refused' satisfies SwitchOutcome });
    const { version, error } = refused;
    const shown = { model, version, code: error.code };
    log()?.error(shown, `${error.message} What answered before goes on.`);
  };
}

/** Initialises what is said of a model's pointer. */
export function showFollowed({ pointerRefused, modelSwitches }: Instruments, model: string): void {
  pointerRefused.inc({ model }, 0);
  for (const outcome of switchOutcomes) modelSwitches.inc({ model, outcome }, 0);
}

/** Shows what a server starts with. */
export function showFirst(
  instruments: Instruments,
  models: readonly ServedModel[],
  now: Date,
): void {
  for (const model of models) {
    initialiseCounters(instruments, model);
    showModel(instruments, model, now.getTime() / 1000);
    showFollowed(instruments, model.name);
  }
}

/** @param type left out for metrics of every type */
async function removeSeries(
  registry: Registry,
  { model, version }: ModelLabels,
  type?: 'gauge',
): Promise<void> {
  for (const definition of Object.values(metrics)) {
    const labels: readonly string[] = definition.labels;
    if (!labels.includes('version') || (type && definition.type !== type)) continue;
    const metric = registry.getSingleMetric(definition.name);
    for (const { labels: found } of (await metric?.get())?.values ?? []) {
      if (found.model !== model || found.version !== version) continue;
      metric?.remove(Object.fromEntries(Object.entries(found).filter(([name]) => name !== 'le')));
    }
  }
}

import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import {
  type ComparisonOutcome,
  comparisonOutcomes,
  metrics,
  type SwitchOutcome,
  switchOutcomes,
} from '../../monitoring/index.ts';
import type { LineupObserver, Refused } from '../inference/lineup.ts';
import { labelsOf, type ModelLabels, type ServedModel } from '../inference/models.ts';
import type { Instruments } from './instruments.ts';
import { initialiseLoads } from './memory-metrics.ts';
import { initialiseCounters, showModel } from './model-metrics.ts';

/** Where versions are shown, and where it is logged. */
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
  // Series of a version are shown and removed in the order in which they were asked for.
  let last = Promise.resolve();
  const inTurn = (work: () => Promise<void> | void) => {
    last = last.then(work);
  };
  return {
    loaded: (model) => initialiseCounters(instruments, model),
    entered(model, role, before) {
      const { name, version } = model;
      const at = now().getTime() / 1000;
      inTurn(() => removeSeries(registry, labelsOf(model), 'gauge'));
      inTurn(() => showModel(instruments, model, at, role));
      if (role !== 'production') initialiseComparisons(instruments, model);
      showFollowed(instruments, name);
      count(name, 'switched');
      const shown = { model: name, version, role, before: before?.version ?? null };
      log()?.info(shown, 'another version gets requests');
    },
    left(model) {
      inTurn(() => removeSeries(registry, labelsOf(model), 'gauge'));
      log()?.info(labelsOf(model), 'a version answers no new requests');
    },
    unloaded(model) {
      inTurn(() => removeSeries(registry, labelsOf(model)));
      log()?.info(labelsOf(model), 'a version is not needed any more');
    },
  };
}

/** Counts and tells of a pointer that names what cannot serve. */
export function createRefusalReporter({ instruments, log }: VersionMetrics) {
  return ({ model, channel, version, error }: Refused): void => {
    instruments.modelSwitches.inc({ model, outcome: 'refused' satisfies SwitchOutcome });
    const shown = { model, channel, version, code: error.code };
    // A trial goes on where its pointer cannot be read, and has ended where what it names cannot be had.
    const end = channel === 'production' ? ' What answered before goes on.' : '';
    log()?.error(shown, `${error.message}${end}`);
  };
}

/** Counts what became of answers that another version gave, too. */
export function createComparisonCounter({ comparedAnswers }: Instruments) {
  return (tried: ServedModel, outcome: ComparisonOutcome, inputs: number): void =>
    comparedAnswers.inc({ ...labelsOf(tried), outcome }, inputs);
}

/** Shows which models have a pointer that names what cannot serve, also those of which nothing serves. */
export function showRefused(
  { pointerRefused }: Instruments,
  models: readonly ServedModel[],
  refused: readonly Refused[],
): void {
  pointerRefused.reset();
  for (const { name } of models) pointerRefused.set({ model: name }, 0);
  for (const { model } of refused) pointerRefused.set({ model }, 1);
}

function initialiseComparisons({ comparedAnswers }: Instruments, model: ServedModel): void {
  for (const outcome of comparisonOutcomes) comparedAnswers.inc({ ...labelsOf(model), outcome }, 0);
}

/** Initialises what is counted of a model whatever its version. */
function showFollowed(instruments: Instruments, model: string): void {
  for (const outcome of switchOutcomes) instruments.modelSwitches.inc({ model, outcome }, 0);
  initialiseLoads(instruments, model);
}

/** Shows what a server starts with. */
export function showFirst(
  instruments: Instruments,
  models: readonly ServedModel[],
  now: Date,
): void {
  for (const model of models) {
    initialiseCounters(instruments, model);
    showModel(instruments, model, now.getTime() / 1000, 'production');
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

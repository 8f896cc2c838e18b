import type { FastifyInstance } from 'fastify';
import { type LoadOutcome, loadOutcomes } from '../../monitoring/index.ts';
import type { MemoryObserver, ModelMemory } from '../inference/memory.ts';
import { labelsOf, type ServedModel } from '../inference/models.ts';
import type { Instruments } from './instruments.ts';

/** Counts what is loaded and unloaded, and tells the log. */
export function createMemoryObserver(
  instruments: Instruments,
  log: () => Pick<FastifyInstance['log'], 'info' | 'error'> | undefined,
): MemoryObserver {
  const count = (model: string, outcome: LoadOutcome) =>
    instruments.modelLoads.inc({ model, outcome });
  return {
    loaded(model, { seconds, bytes }) {
      count(model.name, 'loaded');
      instruments.modelLoadDuration.observe(seconds);
      log()?.info({ ...labelsOf(model), seconds, bytes }, 'a model was loaded');
    },
    failed(model, error, seconds) {
      count(model.name, 'failed');
      log()?.error({ ...labelsOf(model), code: error.code, seconds, err: error }, error.message);
    },
    unloaded(model) {
      instruments.modelUnloads.inc({ model: model.name });
      log()?.info(labelsOf(model), 'a model was unloaded');
    },
  };
}

/** Initialises what is counted of a model's loading. */
export function initialiseLoads({ modelLoads, modelUnloads }: Instruments, model: string): void {
  for (const outcome of loadOutcomes) modelLoads.inc({ model, outcome }, 0);
  modelUnloads.inc({ model }, 0);
}

/** Shows what is loaded now, of what a server may. */
export function showMemory(
  { loadedModels, loadedBytes, loadedLimit, modelReady }: Instruments,
  memory: ModelMemory,
  { models, isReady, limit }: ShownMemory,
): void {
  const { networks, bytes } = memory.loaded;
  loadedModels.set(networks);
  loadedBytes.set(bytes);
  loadedLimit.set(limit);
  for (const model of models)
    modelReady.set(labelsOf(model), Number(isReady && memory.stateOf(model).fault === null));
}

/** Of whom it is shown. */
export interface ShownMemory {
  readonly models: readonly ServedModel[];
  /** Whether the server accepts requests. */
  readonly isReady: boolean;
  readonly limit: number;
}

import { MainstemError } from '../../platform/lib/errors.ts';
import { type Config, listOf } from '../config.ts';
import { type ModelMemory, noRoom } from './memory.ts';
import { type ServedModel, sessionOf } from './models.ts';

/** Which models are loaded before anybody asks for them. */
export interface Preload {
  /** Before the server is ready: what is named, and all where there is no bound. */
  readonly first: readonly ServedModel[];
  /** While it answers already, as many as fit. */
  readonly later: readonly ServedModel[];
}

/** @throws MainstemError MODEL_UNKNOWN for a name that nothing is promoted under */
export function planPreload(
  models: readonly ServedModel[],
  { preload, pinned, modelsMemory }: Pick<Config, 'preload' | 'pinned' | 'modelsMemory'>,
): Preload {
  const named = new Set([...listOf(pinned), ...listOf(preload)]);
  const isAll = named.delete('*');
  named.delete('none');
  const known = models.map(({ name }) => name);
  for (const name of named)
    if (!known.includes(name))
      throw new MainstemError('MODEL_UNKNOWN', { name, known: known.join(', ') });
  const first = models.filter(({ name }) => named.has(name) || (isAll && modelsMemory === 0));
  return { first, later: isAll ? models.filter((model) => !first.includes(model)) : [] };
}

/** Loads models one after another. @throws MainstemError SERVING_MODEL_TOO_LARGE, SERVING_MODEL_UNLOADABLE if not all can be */
export async function loadFirst(
  memory: ModelMemory,
  models: readonly ServedModel[],
  limit: number,
): Promise<void> {
  for (const model of models) {
    const release = await memory.use(model, { evicts: false }).catch((error: unknown) => {
      if (error !== noRoom) throw error;
      const [{ bytes }, { bytes: taken }] = [memory.stateOf(model), memory.loaded];
      throw new MainstemError('SERVING_MODEL_TOO_LARGE', {
        model: model.name,
        bytes,
        limit,
        taken,
      });
    });
    release();
  }
}

/** Each network once, with its bytes: versions and models may share one. @throws MainstemError STORE_* */
export async function readNetworks(models: readonly ServedModel[]) {
  const networks = new Map(models.map((model) => [sessionOf(model), model]));
  return Promise.all(
    [...networks].map(async ([name, model]) => ({ name, model, onnx: await model.read() })),
  );
}

import { MainstemError } from '../../platform/lib/errors.ts';
import { inLanes } from '../../platform/lib/in-lanes.ts';
import { type Channel, loadPromoted, promotedModels } from '../../platform/registry/index.ts';
import type { BlobStore, ModelPointer, ModelRecord } from '../../platform/schemas/index.ts';
import { nameBlob } from '../../platform/storage/store/index.ts';
import { encodedLength } from '../../platform/transforms/index.ts';
import type { Source } from '../following/source.ts';

/** A production model whose record is the promoted one. Its network is verified when it is read. */
export interface ServedModel {
  readonly name: string;
  /** The run that made it. */
  readonly version: string;
  readonly pointer: ModelPointer;
  readonly record: ModelRecord;
  /** Reads the bytes of the ONNX file, which are the ones that the record names. @throws MainstemError STORE_* */
  read(): Promise<Uint8Array>;
}

/** What an answer and the page need of a model: a part of its record, small and without anything about its data. */
export interface AnsweringModel {
  readonly name: string;
  readonly version: string;
  readonly pointer: Pick<ModelPointer, 'record'>;
  readonly record: Pick<
    ModelRecord,
    'task' | 'classes' | 'createdAt' | 'preprocessing' | 'page'
  > & {
    readonly evaluation: Pick<
      ModelRecord['evaluation'],
      'temperature' | 'priorShift' | 'decision' | 'outOfDistribution'
    >;
  };
}

/** The labels that identify a model in metrics. */
export interface ModelLabels {
  readonly model: string;
  readonly version: string;
}

/** Under which name the threads that compute have a model: versions with the same network share it. */
export const sessionOf = ({ pointer }: ServedModel): string => pointer.onnx;

/** The shape of one example as the network takes it: `[size, size, 3]` for photos, `[width]` for rows. */
export function inputShape({ record }: ServedModel): number[] {
  const { preprocessing } = record;
  if (preprocessing.kind === 'image') return [preprocessing.size, preprocessing.size, 3];
  return [encodedLength(preprocessing)];
}

/** The metric labels of a model. */
export const labelsOf = (model: ServedModel): ModelLabels => ({
  model: model.name,
  version: model.version,
});

/**
 * Loads every model that has a `production.json`, the default one first; their networks are only looked for.
 *
 * @param preferred name of the default model; '' for the first by name.
 * @throws MainstemError SERVING_NO_MODEL, MODEL_RECORD_*, JSON_INVALID, STORE_*
 * @example (await loadModels(root, store, 'pumpkins')).map(({ name }) => name) // ['pumpkins', 'penguins']
 */
export async function loadModels(
  root: string,
  store: BlobStore,
  preferred = '',
): Promise<ServedModel[]> {
  const names = await promotedModels(root);
  const missing = names.length === 0 || (preferred !== '' && !names.includes(preferred));
  if (missing) throw noModel(preferred);
  const models = await inLanes(names, lanes, (name) => loadModel(root, store, name));
  return inOrder(models, preferred);
}

/**
 * Loads the models that a server starts with: from the best of its source's folders that it can load whole.
 *
 * @throws MainstemError as {@link loadModels}, of the best folder; FOLLOW_* where a branch that is followed cannot be read
 */
export async function loadFirstModels(
  { starts, store, state }: Pick<Source, 'starts' | 'store' | 'state'>,
  preferred: string,
): Promise<ServedModel[]> {
  const failures: unknown[] = [];
  for (const root of starts)
    try {
      return await loadModels(root, store, preferred);
    } catch (error) {
      failures.push(error);
    }
  // Where there is nothing to begin with because the branch cannot be seen, that is what to repair.
  throw state?.failure ?? failures[0];
}

/** Records that are read at once: a repository may have very many, and a process opens so many files only. */
const lanes = 16;

/** Models by name, the preferred one first. */
export function inOrder(models: readonly ServedModel[], preferred: string): ServedModel[] {
  const rank = ({ name }: ServedModel) => `${Number(name !== preferred)} ${name}`;
  return [...models].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

function noModel(preferred: string): MainstemError {
  const path = `models/${preferred || '<name>'}/production.json`;
  return new MainstemError('SERVING_NO_MODEL', { path, model: preferred || '<name>' });
}

/**
 * Loads what a pointer names of a model, production's if none is given, and verifies its record. Its network must be in the store.
 *
 * @throws MainstemError SERVING_NO_MODEL, MODEL_RECORD_*, JSON_INVALID, STORE_*
 */
export async function loadModel(
  root: string,
  store: BlobStore,
  name: string,
  channel: Channel = 'production',
): Promise<ServedModel> {
  const promoted = await loadPromoted(root, name, channel);
  if (!promoted) throw noModel(name);
  const { run, onnx } = promoted.pointer;
  const read = () => store.get(onnx).catch(nameBlob(`the ONNX file of ${name} ${run}`));
  if (!(await store.has(onnx))) await read();
  return { name, version: run, ...promoted, read };
}

/**
 * The served model with this name, or the default one.
 *
 * @param models the default one first. @param name undefined for the default.
 * @throws MainstemError MODEL_UNKNOWN
 */
export function findModel(models: readonly ServedModel[], name?: string): ServedModel {
  const found = name === undefined ? models[0] : models.find((model) => model.name === name);
  if (found) return found;
  const known = models.map((model) => model.name).join(', ');
  throw new MainstemError('MODEL_UNKNOWN', { name, known });
}

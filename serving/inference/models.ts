import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MainstemError } from '../../pipeline/lib/errors.ts';
import { type Digest, digestBytes } from '../../pipeline/lib/hash.ts';
import { parseJson, readJson } from '../../pipeline/lib/json.ts';
import { type BlobStore, ModelPointer, ModelRecord } from '../../pipeline/types.ts';

/** A model in production, verified: its record is the promoted one and its bytes are the record's. */
export interface ServedModel {
  readonly name: string;
  /** The run, as people see it. */
  readonly version: string;
  readonly pointer: ModelPointer;
  readonly record: ModelRecord;
  readonly onnx: Uint8Array;
}

/** What models are called by in metrics. */
export interface ModelLabels {
  readonly model: string;
  readonly version: string;
}

export const labelsOf = (model: ServedModel): ModelLabels => ({
  model: model.name,
  version: model.version,
});

/**
 * Loads every model that has a `production.json`, the default one first.
 *
 * @param preferred name of the default model; '' for the first by name.
 * @throws MainstemError SERVING_NO_MODEL, SERVING_DIGEST_MISMATCH, JSON_INVALID, FILE_UNREADABLE, STORE_*
 */
export async function loadModels(
  root: string,
  store: BlobStore,
  preferred = '',
): Promise<ServedModel[]> {
  const names = await promotedNames(root);
  const missing = names.length === 0 || (preferred !== '' && !names.includes(preferred));
  if (missing) throw noModel(preferred);
  const ordered = [...names].sort((a, b) => Number(b === preferred) - Number(a === preferred));
  return Promise.all(ordered.map((name) => loadModel(root, store, name)));
}

function noModel(preferred: string): MainstemError {
  const path = `models/${preferred || '<name>'}/production.json`;
  return new MainstemError('SERVING_NO_MODEL', { path, model: preferred || '<name>' });
}

async function promotedNames(root: string): Promise<string[]> {
  const folder = join(root, 'models');
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, pointerFile)))
    .map((entry) => entry.name)
    .sort();
}

const pointerFile = 'production.json';

async function loadModel(root: string, store: BlobStore, name: string): Promise<ServedModel> {
  const pointer = await readJson(join(root, 'models', name, pointerFile), ModelPointer);
  const path = `models/${name}/records/${pointer.run}.json`;
  const text = await readFile(join(root, path)).catch((cause: NodeJS.ErrnoException) => {
    throw new MainstemError('FILE_UNREADABLE', { path, reason: cause.code }, { cause });
  });
  assertDigest(path, digestBytes(text), pointer.record);
  const record = parseJson(text.toString('utf8'), ModelRecord, path);
  assertDigest(`The model named in ${path}`, record.package.onnx.digest, pointer.onnx);
  const onnx = await store.get(pointer.onnx);
  return { name, version: pointer.run, pointer, record, onnx };
}

function assertDigest(what: string, found: Digest, expected: Digest): void {
  if (found !== expected) {
    throw new MainstemError('SERVING_DIGEST_MISMATCH', { what, found, expected });
  }
}

/** The served model with this name (undefined: the default). @throws MainstemError MODEL_UNKNOWN */
export function findModel(models: readonly ServedModel[], name?: string): ServedModel {
  const found = name === undefined ? models[0] : models.find((model) => model.name === name);
  if (found) return found;
  const known = models.map((model) => model.name).join(', ');
  throw new MainstemError('MODEL_UNKNOWN', { name, known });
}

import { lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MainstemError } from '../lib/errors.ts';
import { modelsFolder } from '../lib/layout.ts';
import { parseVersioned } from '../lib/parse-versioned.ts';
import { readTextIfThere } from '../lib/read-text.ts';
import { ModelPointer, ModelRecord } from '../schemas/index.ts';
import { type Channel, pointerPath, recordPath } from './paths.ts';
import { recordDigest } from './record-digest.ts';

/** What serves: the pointer and the record that it names. */
export interface PromotedModel {
  readonly pointer: ModelPointer;
  readonly record: ModelRecord;
}

/**
 * The names of the models that have a production pointer, sorted.
 *
 * @example await promotedModels(root) // ['penguins', 'pumpkins']
 */
export async function promotedModels(root: string): Promise<string[]> {
  const folder = join(root, modelsFolder);
  const names = mayBeThere(folder) ? await readdir(folder) : [];
  return names.filter((name) => mayBeThere(join(root, pointerPath(name, 'production')))).sort();
}

/** False only if there is certainly nothing: what cannot be looked at is an error for who reads it. */
function mayBeThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOTDIR');
  }
}

/**
 * Reads a model's pointer; null if nothing was promoted to this channel.
 *
 * @throws MainstemError JSON_INVALID, FILE_UNREADABLE
 * @example (await readPointer(root, 'pumpkins'))?.run // '3f2a9c41d07b'
 */
export async function readPointer(
  root: string,
  name: string,
  channel: Channel = 'production',
): Promise<ModelPointer | null> {
  const path = pointerPath(name, channel);
  const text = await readTextIfThere(join(root, path), path);
  return text === null ? null : parseVersioned(text, ModelPointer, path);
}

/**
 * Reads a record and verifies that it is unchanged and belongs to the run in its file name.
 *
 * @param digest {@link recordDigest} as the pointer names it; if left out, only the schema and the run are verified.
 * @throws MainstemError MODEL_RECORD_MISSING, MODEL_RECORD_CHANGED, FILE_UNREADABLE, JSON_INVALID
 * @example (await loadRecord(root, 'pumpkins', '3f2a9c41d07b')).package.onnx.digest // 'sha256:9b0c…'
 */
export async function loadRecord(
  root: string,
  name: string,
  run: string,
  digest?: string,
): Promise<ModelRecord> {
  const path = recordPath(name, run);
  const text = await readTextIfThere(join(root, path), path);
  if (text === null) throw new MainstemError('MODEL_RECORD_MISSING', { model: name, run, path });
  return parseRecord(text, { model: name, run, digest });
}

/** The run that a record's text must be of. */
export interface ExpectedRecord {
  readonly model: string;
  readonly run: string;
  /** {@link recordDigest}; left out, only the schema and the run are verified. */
  readonly digest?: string | undefined;
}

/**
 * Reads a record from the text of its file.
 *
 * @throws MainstemError MODEL_RECORD_CHANGED if it is of another run or was changed, JSON_INVALID
 */
export function parseRecord(text: string, { model, run, digest }: ExpectedRecord): ModelRecord {
  const path = recordPath(model, run);
  const record = parseVersioned(text, ModelRecord, path);
  const found = recordDigest(record);
  if (digest !== undefined && found !== digest) {
    throw new MainstemError('MODEL_RECORD_CHANGED', { path, expected: digest, found });
  }
  if (record.model !== model) {
    const [expected, named] = [`a record of ${model}`, `one of ${record.model}`];
    throw new MainstemError('MODEL_RECORD_CHANGED', { path, expected, found: named });
  }
  if (record.run !== run || !record.key.startsWith(`sha256:${run}`)) {
    throw new MainstemError('MODEL_RECORD_CHANGED', { path, expected: run, found: record.run });
  }
  return record;
}

/**
 * The pointer and the record that it names, or null if nothing was promoted.
 *
 * @throws MainstemError MODEL_POINTER_FOREIGN, MODEL_RECORD_MISSING, MODEL_RECORD_CHANGED (the record's bytes, its run or its ONNX file are
 *   not those that the pointer names), JSON_INVALID, FILE_UNREADABLE
 * @example (await loadPromoted(root, 'pumpkins'))?.record.run // '3f2a9c41d07b'
 */
export async function loadPromoted(
  root: string,
  name: string,
  channel: Channel = 'production',
): Promise<PromotedModel | null> {
  const pointer = await readPointer(root, name, channel);
  if (!pointer) return null;
  if (pointer.model !== name) {
    const details = { path: pointerPath(name, channel), model: name, found: pointer.model };
    throw new MainstemError('MODEL_POINTER_FOREIGN', details);
  }
  const record = await loadRecord(root, name, pointer.run, pointer.record);
  const found = record.package.onnx.digest;
  if (found === pointer.onnx) return { pointer, record };
  const path = pointerPath(name, channel);
  throw new MainstemError('MODEL_RECORD_CHANGED', { path, expected: found, found: pointer.onnx });
}

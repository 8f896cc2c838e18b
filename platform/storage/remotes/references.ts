import { isMainstemError } from '../../lib/errors.ts';
import type { Digest } from '../../lib/hash.ts';
import { parseValue } from '../../lib/json.ts';
import { artefactsOf, listRuns, loadRecord, recordPath } from '../../registry/index.ts';
import { Artefact, type DataLock, type ModelRecord } from '../../schemas/index.ts';
import { decodeManifest } from '../lock/manifest.ts';
import type { Store } from '../store/store.ts';

/** Everything that a commit needs from the store. */
export interface References {
  /** Blob → who needs it, in words. */
  readonly blobs: ReadonlyMap<Digest, string>;
  /** Stage records by run key → who needs them. */
  readonly records: ReadonlyMap<Digest, string>;
  /** The datasets and models that were followed, for remotes that show them to other clients. */
  readonly collections?: readonly ReferencedCollection[];
}

/** A dataset by its manifest, or a model by its record. */
export type ReferencedCollection =
  | { readonly kind: 'dataset'; readonly name: string; readonly digest: Digest }
  | { readonly kind: 'model'; readonly name: string; readonly record: ModelRecord };

/** Whose references to collect. */
export interface ReferenceOptions {
  readonly root: string;
  readonly lock: DataLock;
  /** Names of the models whose records are followed; undefined for all. */
  readonly models?: readonly string[] | undefined;
  /** Also the data that earlier models were trained on, if their manifests are here. */
  readonly history?: boolean;
}

/**
 * Walks from the lock and from `models/<name>/records/*.json` to every blob and stage record that they name.
 * Whatever is behind a manifest or stage record that is not here yet, or damaged, is not found: pull it and collect again.
 */
export async function collectReferences(
  store: Store,
  { root, lock, models, history = false }: ReferenceOptions,
): Promise<References> {
  const blobs = new Map<Digest, string>();
  const records = new Map<Digest, string>();
  const collections: ReferencedCollection[] = [];
  const addDataset = async (digest: Digest, by: string) => {
    blobs.set(digest, by);
    if (!(await store.has(digest))) return;
    const bytes = await store.get(digest).catch(ifDamaged);
    const files = bytes ? decodeManifest(new TextDecoder().decode(bytes)) : [];
    for (const file of files) blobs.set(file.digest, `${by}: ${file.path}`);
  };
  for (const [name, { digest }] of Object.entries(lock.datasets)) {
    await addDataset(digest, name);
    collections.push({ kind: 'dataset', name, digest });
  }
  for (const { path, model: name, record } of await readModelRecords(root, models)) {
    collections.push({ kind: 'model', name, record });
    for (const { digest } of findArtefacts(record)) blobs.set(digest, path);
    for (const key of Object.values(record.stages)) {
      records.set(key, path);
      const stage = await store.readRecord(key);
      for (const { digest } of findArtefacts(stage?.outputs)) blobs.set(digest, path);
    }
    if (!history) continue;
    for (const digest of Object.values(record.data)) {
      if (await store.has(digest)) await addDataset(digest, path);
    }
  }
  return { blobs, records, collections };
}

function ifDamaged(error: unknown): undefined {
  // A repair at the same time may have removed it since it was looked for.
  const known = isMainstemError(error, 'STORE_CORRUPT') || isMainstemError(error, 'STORE_MISSING');
  if (!known) throw error;
}

/** What is needed to serve a record and to compare with it, and nothing that only led to it. */
export function artefactReferences(record: ModelRecord): References {
  const by = `${record.model} ${record.run}`;
  const blobs = new Map(artefactsOf(record).map(({ artefact }) => [artefact.digest, by]));
  return { blobs, records: new Map() };
}

/** Every artefact in a JSON value, at any depth. */
export function findArtefacts(value: unknown): Artefact[] {
  if (value === null || typeof value !== 'object') return [];
  if ('digest' in value && 'bytes' in value && 'mediaType' in value) {
    return [parseValue(value, Artefact, 'an artefact')];
  }
  return Object.values(value).flatMap(findArtefacts);
}

async function readModelRecords(
  root: string,
  models: readonly string[] | undefined,
): Promise<{ path: string; model: string; record: ModelRecord }[]> {
  const runs = (await listRuns(root)).filter(({ model }) => models?.includes(model) ?? true);
  return Promise.all(
    runs.map(async ({ model, run }) => {
      return { path: recordPath(model, run), model, record: await loadRecord(root, model, run) };
    }),
  );
}

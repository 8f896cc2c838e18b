import { canonicalJson } from '../../lib/canonical-json.ts';
import { type Digest, hexOf } from '../../lib/hash.ts';
import type { ModelRecord } from '../../schemas/index.ts';
import { decodeManifest } from '../lock/manifest.ts';
import type { Store } from '../store/store.ts';
import { type Inventory, indexKey, objectKey, packKey, readInventory } from './inventory.ts';
import { findArtefacts, type ReferencedCollection, type References } from './references.ts';
import type { Collection, NamedContent, Remote } from './remote.ts';

interface Ends {
  readonly store: Store;
  readonly remote: Remote;
}

/**
 * Shows the datasets and models to other clients, where the remote can. What was described before is not described again,
 * and what is not whole here or there is left out.
 *
 * @param before the remote's content before the push
 * @throws MainstemError REMOTE_FAILED, REMOTE_MISSING
 */
export async function describeCollections(
  { store, remote }: Ends,
  before: Inventory,
  { collections = [] }: References,
): Promise<void> {
  const { describe } = remote;
  const fresh = collections.filter((each) => !before.keys.has(collectionKey(each)));
  if (!describe || fresh.length === 0) return;
  const inventory = await readInventory(store, remote);
  // Datasets first: a model points to its data.
  for (const each of fresh.sort((a, b) => (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0))) {
    const collection = await buildCollection(store, inventory, each);
    if (collection) await describe(collection);
  }
}

/** `datasets/<name>-<digits>` or `models/<name>-<run>`. */
export function collectionKey(collection: ReferencedCollection): string {
  return collection.kind === 'dataset'
    ? datasetKey(collection.name, collection.digest)
    : `models/${collection.name}-${collection.record.run}`;
}

function datasetKey(name: string, digest: Digest): string {
  return `datasets/${name}-${hexOf(digest).slice(0, 12)}`;
}

async function buildCollection(
  store: Store,
  inventory: Inventory,
  collection: ReferencedCollection,
): Promise<Collection | undefined> {
  const key = collectionKey(collection);
  if (collection.kind === 'dataset') {
    if (!(await store.has(collection.digest))) return undefined;
    const bytes = await store.get(collection.digest);
    const files = decodeManifest(new TextDecoder().decode(bytes));
    const digests = [collection.digest, ...files.map(({ digest }) => digest)];
    if (!digests.every((digest) => inventory.has(digest))) return undefined;
    const config = { bytes, mediaType: 'application/vnd.mainstem.manifest.v1' };
    return { key, config, keys: keysOf(inventory, digests), files: [] };
  }
  const { record } = collection;
  const files = await readArtefacts(store, record);
  if (!files) return undefined;
  const config = {
    bytes: new TextEncoder().encode(canonicalJson(record)),
    mediaType: 'application/vnd.mainstem.record.v1+json',
  };
  const [data] = Object.entries(record.data).map(([name, digest]) => datasetKey(name, digest));
  return { key, config, keys: [], files, subject: data };
}

/** The keys that hold these blobs, each once. */
function keysOf(inventory: Inventory, digests: readonly Digest[]): string[] {
  const keys = new Set<string>();
  for (const digest of digests) {
    const pack = inventory.packOf(digest);
    if (!pack) keys.add(objectKey(digest));
    else keys.add(packKey(pack.name)).add(indexKey(pack.name));
  }
  return [...keys].sort();
}

/** Prepared data is made again from the dataset; it is not what anybody wants of a model. */
const filesOf = ['training', 'evaluation', 'package'] as const;

/** A model's files, named after their place in the record: `package.onnx`. Undefined if one is not here. */
async function readArtefacts(
  store: Store,
  record: ModelRecord,
): Promise<NamedContent[] | undefined> {
  const files: NamedContent[] = [];
  for (const stage of filesOf) {
    for (const [name, value] of Object.entries(record[stage])) {
      for (const [at, { digest, mediaType }] of findArtefacts(value).entries()) {
        if (!(await store.has(digest))) return undefined;
        const number = at === 0 ? '' : `.${at + 1}`;
        files.push({
          name: `${stage}.${name}${number}`,
          bytes: await store.get(digest),
          mediaType,
        });
      }
    }
  }
  return files;
}

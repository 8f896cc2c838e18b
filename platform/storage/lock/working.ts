import { dirname, join } from 'node:path';
import type { Digest } from '../../lib/hash.ts';
import { ownValue } from '../../lib/own-value.ts';
import { readFile } from '../../lib/read-text.ts';
import type { DatasetDefinition, Project } from '../../schemas/define/index.ts';
import type { BlobStore, DataLock, Workspace } from '../../schemas/index.ts';
import type { Store } from '../store/store.ts';
import { hashDataset, type WorkingDataset } from './hash-dataset.ts';
import { describeDataset, readLock } from './lock.ts';
import { lockedOf } from './locked-of.ts';

/** The data on disk, as if it were locked. */
export interface WorkingData {
  /** The lock that the data would have. Datasets that belong to no project are as in `data.lock.json`. */
  readonly lock: DataLock;
  /** Reads from the store, and from disk what the lock names but the store lacks. */
  readonly blobs: BlobStore;
  /** Names of the datasets that are not on disk; in `lock` they are as in `data.lock.json`. */
  readonly absent: readonly string[];
}

/**
 * What `lock` would write, without storing anything. Reads only files that have changed since they were last hashed.
 *
 * @throws MainstemError DATA_INVALID, JSON_INVALID
 */
export async function readWorkingData(
  workspace: Workspace,
  store: Store,
  projects: readonly Project[],
): Promise<WorkingData> {
  const datasets = { ...(await readLock(workspace.root)).datasets };
  const unstored = new Map<Digest, () => Promise<Uint8Array>>();
  const blobs: BlobStore = {
    ...store,
    has: async (digest) => unstored.has(digest) || store.has(digest),
    get: async (digest) => (await unstored.get(digest)?.()) ?? store.get(digest),
  };
  const absent: string[] = [];
  for (const [project, dataset] of ownedDatasets(projects)) {
    const { name, path } = dataset;
    const working = await hashDataset(workspace, path);
    if (!working) absent.push(name);
    if (!working || working.digest === ownValue(datasets, name)?.digest) continue;
    noteUnstored(unstored, join(workspace.root, path), working);
    datasets[name] = (await describeDataset(blobs, project, dataset, working)).locked;
  }
  return { lock: { version: 1, datasets }, blobs, absent };
}

function ownedDatasets(projects: readonly Project[]): [Project, DatasetDefinition][] {
  return projects.flatMap((project) =>
    lockedOf(project).map((dataset): [Project, DatasetDefinition] => [project, dataset]),
  );
}

/** The manifest and files of a dataset on disk, read on demand. */
function noteUnstored(
  unstored: Map<Digest, () => Promise<Uint8Array>>,
  path: string,
  { kind, digest, manifest, entries }: WorkingDataset,
): void {
  const base = kind === 'images' ? path : dirname(path);
  unstored.set(digest, async () => new TextEncoder().encode(manifest()));
  for (const entry of entries()) unstored.set(entry.digest, () => readFile(join(base, entry.path)));
}

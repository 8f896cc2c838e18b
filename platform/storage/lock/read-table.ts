import { MainstemError } from '../../lib/errors.ts';
import { tableLimits, tooLarge } from '../../lib/parse-table.ts';
import type { Table } from '../../lib/table.ts';
import { renderBytes } from '../../lib/text.ts';
import type { BlobStore, LockedDataset, ManifestEntry } from '../../schemas/index.ts';
import { nameBlob } from '../store/name-blob.ts';
import { readManifest } from './manifest.ts';
import { parseTableFile } from './parse-table-file.ts';

/** Reads a locked table. @throws MainstemError DATA_INVALID, TABLE_TOO_LARGE, STORE_MISSING, STORE_CORRUPT */
export async function readTable(store: BlobStore, dataset: LockedDataset): Promise<Table> {
  return readTableFile(store, dataset.path, await readManifest(store, dataset));
}

/** The same for a manifest that has already been read. */
export async function readTableFile(
  store: BlobStore,
  path: string,
  [file]: readonly ManifestEntry[],
): Promise<Table> {
  if (!file) throw new MainstemError('DATA_INVALID', { path, reason: 'there is no file' });
  const { bytes } = tableLimits;
  if (file.bytes > bytes) throw tooLarge(path, renderBytes(file.bytes), renderBytes(bytes));
  return parseTableFile(await store.get(file.digest).catch(nameBlob(path)), path);
}

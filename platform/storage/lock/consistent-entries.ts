import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeCacheFile } from '../../lib/files.ts';
import { digestJson, hexOf } from '../../lib/hash.ts';
import type { DatasetDefinition, Project } from '../../schemas/define/index.ts';
import type { LockedDataset } from '../../schemas/index.ts';
import type { Store } from '../store/store.ts';

/*
 * Remembers which entries of the lock say what their files and the project give, since counting again reads every file's
 * name or the whole table. A note is named after everything that the entry was counted from, so it cannot be outdated.
 */

/** Whether an entry was found, or written, as its files and the project give it. */
export function isNotedConsistent(
  store: Store,
  project: Project,
  dataset: DatasetDefinition,
  locked: LockedDataset,
): boolean {
  return existsSync(notePath(store, project, dataset, locked));
}

/** Notes an entry that says what its files and the project give. */
export async function noteConsistent(
  store: Store,
  project: Project,
  dataset: DatasetDefinition,
  locked: LockedDataset,
): Promise<void> {
  await writeCacheFile(notePath(store, project, dataset, locked), '');
}

function notePath(
  store: Store,
  { definition }: Project,
  { path, source, licence }: DatasetDefinition,
  { path: _where, ...recorded }: LockedDataset,
): string {
  const { task, table, split } = definition;
  const facts = { recorded, path, source, licence, task, table: table ?? null, split };
  return join(store.folder, 'consistent', hexOf(digestJson(JSON.parse(JSON.stringify(facts)))));
}

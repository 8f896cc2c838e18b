import { join } from 'node:path';
import { writeFileAtomic } from '../lib/files.ts';
import { makeFolder } from '../lib/make-folder.ts';
import type { DataLock, ModelRecord } from '../schemas/index.ts';
import { type CardExtras, cardFacts } from './facts.ts';
import { renderCards } from './render-card.ts';

/** Writes a model's card, bill of materials and lineage into a folder. @throws MainstemError of the file system */
export async function writeCards(
  folder: string,
  record: ModelRecord,
  lock: DataLock,
  extras: CardExtras = {},
): Promise<void> {
  await makeFolder(folder);
  for (const [name, text] of Object.entries(renderCards(cardFacts(record, lock, extras)))) {
    await writeFileAtomic(join(folder, name), text);
  }
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { relative } from 'node:path/posix';
import { parseCsv } from '../../../platform/lib/csv.ts';
import { exists, writeFileAtomic } from '../../../platform/lib/files.ts';
import { isCellText } from '../../../platform/lib/is-cell-text.ts';
import { readBytes } from '../../../platform/lib/read-text.ts';
import type { ProjectDefinition } from '../../../platform/schemas/define/index.ts';
import { metadataFile } from '../../../platform/schemas/index.ts';
import type { AddedPhoto } from './add-photos.ts';
import { appendRows } from './add-rows.ts';

/**
 * Adds to the data's `metadata.csv` what people said of photos beside their label, so that they are in their slices. A column that the
 * file lacks is left out, and so is a photo that it has already; without the file there are no slices.
 *
 * @throws MainstemError DATA_INVALID, FILE_UNREADABLE
 */
export async function describePhotos(
  root: string,
  { data: { path: data }, split }: Pick<ProjectDefinition, 'data' | 'split'>,
  added: readonly AddedPhoto[],
): Promise<void> {
  const path = join(root, data, metadataFile);
  if (!(await exists(path))) return;
  const content = await readBytes(path);
  const { columns, rows } = parseCsv(content, `${data}/${metadataFile}`);
  if (!columns.includes('file')) return;
  const known = new Set(rows.map(({ file }) => file));
  const isFree = (name: string) => name !== 'file' && name !== split.time && columns.includes(name);
  const fresh = added.flatMap(({ labelled, path: photo }) => {
    const file = relative(data, photo);
    const said = Object.entries(labelled.candidate.slices).filter(
      ([name, value]) => isFree(name) && isCellText(value),
    );
    // The same photo may lie elsewhere in the data.
    const isOurs = !labelled.isOther && existsSync(join(root, photo));
    if (!isOurs || said.length === 0 || known.has(file)) return [];
    return [{ ...Object.fromEntries(said), file }];
  });
  const before = content.toString();
  const text = appendRows(before, columns, fresh);
  if (text !== before) await writeFileAtomic(path, text);
}

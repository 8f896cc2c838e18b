import { packMarks } from '../../lib/mark-set.ts';
import { ownValue } from '../../lib/own-value.ts';
import type { BlobStore, DealtExample, LockedDataset } from '../../schemas/index.ts';
import { type ExampleOptions, readExamples } from './examples.ts';
import { digestRow } from './row-identity.ts';
import { stemOf } from './stem-of.ts';

/**
 * By what the held-back examples of a dataset are known again, after others were added and after they were changed: their content,
 * their named group, and what `lock` recognises a changed example by.
 *
 * @throws MainstemError DATA_INVALID, STORE_MISSING, STORE_CORRUPT
 */
export async function markHeldBack(
  store: BlobStore,
  dataset: LockedDataset,
  { split, table }: Pick<ExampleOptions, 'split' | 'table'>,
): Promise<string> {
  const columns = Object.keys(table?.features ?? {});
  const examples = await readExamples(store, dataset, { split, table, columns, part: 'heldBack' });
  const marks = examples.flatMap((example) => [
    `content ${example.digest}`,
    `trace ${traceOf(example, columns)}`,
    ...(example.group === example.digest ? [] : [`group ${example.group}`]),
  ]);
  return packMarks(marks);
}

/** What stays of an example that was changed: the cells of a row that a model takes, the name of a photo. */
export function traceOf(
  { id, row, metadata }: Pick<DealtExample, 'id' | 'row' | 'metadata'>,
  columns: readonly string[],
): string {
  if (row === undefined) return stemOf(id);
  return digestRow(
    Object.fromEntries(columns.map((name) => [name, ownValue(metadata, name) ?? ''])),
  );
}

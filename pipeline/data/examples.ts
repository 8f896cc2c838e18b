import { parse } from 'csv-parse/sync';
import type { SplitDefinition, TableDefinition } from '../define.ts';
import { MainstemError } from '../lib/errors.ts';
import { digestJson } from '../lib/hash.ts';
import type { BlobStore, Example, LockedDataset, ManifestEntry } from '../types.ts';
import { readManifest } from './manifest.ts';
import { assignSplit } from './split.ts';

/** How a dataset's files become examples. */
export interface ExampleOptions {
  readonly split: SplitDefinition;
  /** Required for a table. */
  readonly table?: TableDefinition | undefined;
}

type Row = Record<string, string>;

/** The file with columns for slices and groups in a folder of images; not an example itself. */
export const metadataFile = 'metadata.csv';

/**
 * The examples of a locked dataset, sorted by id. Images: every file in a folder, labelled by that folder's
 * name. Table: every row.
 *
 * @throws MainstemError DATA_INVALID, STORE_MISSING, STORE_CORRUPT
 */
export async function readExamples(
  store: BlobStore,
  dataset: LockedDataset,
  options: ExampleOptions,
): Promise<Example[]> {
  return buildExamples(store, dataset, await readManifest(store, dataset), options);
}

/** As {@link readExamples}, with the manifest at hand. */
export async function buildExamples(
  store: BlobStore,
  dataset: Pick<LockedDataset, 'path' | 'kind'>,
  files: readonly ManifestEntry[],
  options: ExampleOptions,
): Promise<Example[]> {
  const examples =
    dataset.kind === 'images'
      ? await imageExamples(store, dataset.path, files, options.split)
      : await tableExamples(store, dataset.path, files, options);
  return examples.sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function imageExamples(
  store: BlobStore,
  path: string,
  files: readonly ManifestEntry[],
  split: SplitDefinition,
): Promise<Example[]> {
  const rows = await readMetadata(store, path, files);
  const examples: Example[] = [];
  const none: Row = {};
  let [folder, label] = ['', ''];
  for (const { path: id, digest } of files) {
    const end = id.lastIndexOf('/');
    if (end < 0) continue;
    // Neighbours mostly share their folder, and with it one string.
    if (end + 1 !== folder.length || !id.startsWith(folder)) {
      folder = id.slice(0, end + 1);
      label = id.slice(id.lastIndexOf('/', end - 1) + 1, end);
    }
    const metadata = rows.get(id) ?? none;
    const group = groupOf(metadata, split) || id;
    examples.push({ id, digest, split: assignSplit(group, split), label, group, metadata });
  }
  return examples;
}

async function readMetadata(
  store: BlobStore,
  path: string,
  files: readonly ManifestEntry[],
): Promise<Map<string, Row>> {
  const file = files.find((entry) => entry.path === metadataFile);
  if (!file) return new Map();
  const name = `${path}/${metadataFile}`;
  const rows = parseTable(await store.get(file.digest), name);
  if (rows[0] && !('file' in rows[0])) {
    throw new MainstemError('DATA_INVALID', { path: name, reason: 'there is no column "file"' });
  }
  return new Map(rows.map(({ file = '', ...columns }) => [file, columns]));
}

async function tableExamples(
  store: BlobStore,
  path: string,
  files: readonly ManifestEntry[],
  { split, table }: ExampleOptions,
): Promise<Example[]> {
  const [file] = files;
  if (!file || !table) {
    throw new MainstemError('DATA_INVALID', { path, reason: 'a table needs a table definition' });
  }
  return parseTable(await store.get(file.digest), path).map((row, position) => {
    const label = row[table.label];
    if (label === undefined) {
      const reason = `there is no column "${table.label}"`;
      throw new MainstemError('DATA_INVALID', { path, reason });
    }
    const id = `row-${position + 1}`;
    const group = groupOf(row, split) || id;
    const digest = digestJson(row);
    return { id, digest, split: assignSplit(group, split), label, group, metadata: row };
  });
}

function groupOf(columns: Row, split: SplitDefinition): string {
  return split.group === undefined ? '' : (columns[split.group] ?? '');
}

/** Rows of a CSV file with a header, every value as text. @throws MainstemError DATA_INVALID with the line */
export function parseTable(content: Uint8Array, path: string): Row[] {
  try {
    return parse<Row>(Buffer.from(content), { columns: true, bom: true, skip_empty_lines: true });
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new MainstemError('DATA_INVALID', { path, reason }, { cause });
  }
}

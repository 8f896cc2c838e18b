import { findLines, parseCsv } from '../../lib/csv.ts';
import { MainstemError } from '../../lib/errors.ts';
import { ownValue } from '../../lib/own-value.ts';
import type { SplitDefinition, TableDefinition } from '../../schemas/define/index.ts';
import {
  type BlobStore,
  type DealtExample,
  type Example,
  type LockedDataset,
  type ManifestEntry,
  metadataFile,
} from '../../schemas/index.ts';
import { nameBlob } from '../store/name-blob.ts';
import { type Part, pickPart } from './held-back.ts';
import { readManifest } from './manifest.ts';
import { readTableFile } from './read-table.ts';
import { assignPart } from './split.ts';
import { examplesOfTable } from './table-examples.ts';

/** How a dataset's files become examples. */
export interface ExampleOptions {
  readonly split: SplitDefinition;
  /** Required for a table. */
  readonly table?: TableDefinition | undefined;
  /** Columns of a table that examples have as metadata, besides those of the split. @default all */
  readonly columns?: readonly string[];
}

/** How a dataset's files become the examples that somebody may look at. */
export interface PartOptions extends ExampleOptions {
  /** What is held back, as a test split, instead of everything else. */
  readonly part?: Part | undefined;
}

type Row = Readonly<Record<string, string>>;

/**
 * The examples of a locked dataset, sorted by id. Images: every file in a folder, labelled by that folder's
 * name. Table: every row. Without a group an example is dealt by its content, so that neither a new name of a photo nor
 * another order of rows moves it to another split, and equal ones are always in one. What is held back is left out.
 *
 * @throws MainstemError DATA_INVALID, STORE_MISSING, STORE_CORRUPT
 */
export async function readExamples(
  store: BlobStore,
  dataset: LockedDataset,
  { part, ...options }: PartOptions,
): Promise<Example[]> {
  return pickPart(await readAllExamples(store, dataset, options), part);
}

/** All examples of a locked dataset, with those that are held back: to count them, and to find the same thing in two splits. */
export async function readAllExamples(
  store: BlobStore,
  dataset: LockedDataset,
  options: ExampleOptions,
): Promise<DealtExample[]> {
  return buildExamples(store, dataset, await readManifest(store, dataset), options);
}

/** Does the same as {@link readAllExamples} for a manifest that has already been read. */
export async function buildExamples(
  store: BlobStore,
  dataset: Pick<LockedDataset, 'path' | 'kind'>,
  files: readonly ManifestEntry[],
  options: ExampleOptions,
): Promise<DealtExample[]> {
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
): Promise<DealtExample[]> {
  const rows = await readMetadata(store, path, files);
  const examples: DealtExample[] = [];
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
    const group = groupOf(metadata, split) || digest;
    examples.push({ id, digest, split: assignPart(group, split), label, group, metadata });
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
  const content = await store.get(file.digest).catch(nameBlob(name));
  const { columns, rows } = parseCsv(content, name);
  if (!columns.includes('file')) {
    throw new MainstemError('DATA_INVALID', { path: name, reason: 'there is no column "file"' });
  }
  const described = new Map<string, number>();
  for (const [second, { file: id = '' }] of rows.entries()) {
    const first = described.get(id);
    if (first !== undefined) throw describedTwice(name, content, id, [first, second]);
    described.set(id, second);
  }
  return new Map(rows.map(({ file: id = '', ...others }) => [id, others]));
}

/** Even if both say the same: whoever changes one of them later will not see the other. */
function describedTwice(
  path: string,
  content: Uint8Array,
  id: string,
  rows: readonly number[],
): MainstemError {
  const lines = findLines(content, rows);
  const reason = `lines ${lines.join(' and ')} both describe ${JSON.stringify(id)}; remove one`;
  return new MainstemError('DATA_INVALID', { path, reason, lines });
}

async function tableExamples(
  store: BlobStore,
  path: string,
  files: readonly ManifestEntry[],
  { table: definition, ...options }: ExampleOptions,
): Promise<DealtExample[]> {
  if (!definition) {
    throw new MainstemError('DATA_INVALID', { path, reason: 'a table needs a table definition' });
  }
  const table = await readTableFile(store, path, files);
  return examplesOfTable(table, path, { ...options, label: definition.label });
}

function groupOf(columns: Row, split: SplitDefinition): string {
  return split.group === undefined ? '' : (ownValue(columns, split.group) ?? '');
}

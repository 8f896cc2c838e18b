import type { Csv } from '../../../../platform/lib/csv.ts';
import { MainstemError } from '../../../../platform/lib/errors.ts';
import { evenly } from '../../../../platform/lib/evenly.ts';
import { listSome, shorten, showName } from '../../../../platform/lib/text.ts';
import { hasPhotoName } from '../has-photo-name.ts';
import { isObject } from './is-object.ts';
import type { LabelContext, LabelledPhoto } from './label-format.ts';

/** What tools write about their own work, not about photos. */
const bookkeeping: ReadonlySet<string> = new Set([
  ...['id', 'annotation_id', 'created_at', 'updated_at', 'lead_time'],
]);

/** What the column of labels is usually called. */
const usualNames = ['label', 'labels', 'class', 'class_name', 'category', 'choice', 'target'];

/**
 * The photos of a table with a row for each of them; null where no column names photos.
 *
 * @param path what to call the table in an error. @throws MainstemError INIT_LABEL_NEEDED, INIT_LABEL_UNKNOWN
 */
export function readLabelTable(
  table: Csv,
  path: string,
  context: LabelContext,
): LabelledPhoto[] | null {
  const file = findFileColumn(table, context);
  if (file === null) return null;
  assertHeader(file, path, context);
  const label = findLabelColumn(table, file, path, context);
  const others = table.columns.filter((name) => ![file, label].includes(name));
  const kept = others.filter((name) => !bookkeeping.has(name));
  return table.rows.map((row) => ({
    reference: row[file] ?? '',
    labels: parseLabels(row[label] ?? '', row[file] ?? '', path),
    columns: Object.fromEntries(kept.map((name) => [name, row[name] ?? ''])),
  }));
}

/** So many rows show what a column holds. */
const lookedAt = 200;

/**
 * The column whose cells name photos, if most of those of one do. Numbers may happen to be names without an extension, so
 * that a column of paths goes before them.
 */
function findFileColumn({ columns, rows }: Csv, { isPhoto }: LabelContext): string | null {
  const some = evenly(rows, lookedAt);
  const counts = columns.map((name) => {
    const naming = some.map((row) => row[name] ?? '').filter(isPhoto);
    const paths = naming.filter((cell) => /[./]/.test(cell)).length;
    return { name, naming: naming.length, paths };
  });
  const [best] = counts.sort((a, b) => b.paths - a.paths || b.naming - a.naming);
  return best && best.naming > some.length / 2 ? best.name : null;
}

/** Without names of columns the first photo would be taken for one, and be lost. */
function assertHeader(file: string, from: string, { isPhoto }: LabelContext): void {
  const named = usualFileNames.test(file) ? hasPhotoName(file) : isPhoto(file);
  if (!named) return;
  const reason = `its first line names a photo, ${shorten(file)}, where the names of columns belong; write "file,label" above it`;
  throw new MainstemError('INIT_LABELS_INVALID', { from, format: 'labels', reason });
}

/** A photo may be called so, without its extension. */
const usualFileNames =
  /^(file|image|photo|picture|img|id|name|path|url)s?([ _-]?(name|path|id))?$/i;

function findLabelColumn(
  { columns, rows }: Csv,
  file: string,
  from: string,
  { label }: LabelContext,
): string {
  const others = columns.filter((name) => name !== file);
  const names = listSome(others.map((name) => showName(name)));
  if (label !== undefined) {
    if (others.includes(label)) return label;
    throw new MainstemError('INIT_LABEL_UNKNOWN', { from, label, names });
  }
  const usual = others.filter((name) => usualNames.includes(name.toLowerCase()));
  const possible = others.filter((name) => !bookkeeping.has(name) && repeats(rows, name));
  const [only, ...more] = usual.length > 0 ? usual : possible;
  if (only !== undefined && more.length === 0) return only;
  throw new MainstemError('INIT_LABEL_NEEDED', { from, names });
}

/** Whether a column has values that several rows share, as classes are. */
function repeats(rows: Csv['rows'], name: string): boolean {
  const values = new Set(rows.map((row) => row[name]));
  return values.size <= rows.length / 2;
}

/**
 * A cell holds one label; Label Studio writes several as `{"choices": ["a", "b"]}`.
 *
 * @param photo whose label it is, for an error @throws MainstemError INIT_LABELS_INVALID
 */
function parseLabels(cell: string, photo: string, from: string): string[] {
  if (cell === '') return [];
  if (!/^\{"choices"/.test(cell)) return [cell];
  const value = parseOrNull(cell);
  if (isObject(value) && Array.isArray(value.choices) && value.choices.every(isText)) {
    return [...new Set(value.choices)];
  }
  const reason = `the label of ${photo} is neither a text nor choices as Label Studio writes them: ${shorten(cell)}`;
  throw new MainstemError('INIT_LABELS_INVALID', { from, format: 'labels', reason });
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function parseOrNull(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

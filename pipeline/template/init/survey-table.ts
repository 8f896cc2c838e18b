import { readFile } from 'node:fs/promises';
import { type Csv, parseCsv } from '../../../platform/lib/csv.ts';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { guessKind, isMissing } from '../../../platform/transforms/index.ts';

/** What a table holds. */
export interface TableSurvey {
  readonly kind: 'table';
  readonly rows: number;
  readonly label: ColumnSurvey;
  /** All other columns. */
  readonly columns: readonly ColumnSurvey[];
}

/** One column of a table. */
export interface ColumnSurvey {
  readonly name: string;
  /** Every cell that holds something holds a number. */
  readonly numeric: boolean;
  /** Only the cells that hold something, as text. */
  readonly cells: readonly string[];
  /** Share of cells that hold nothing. */
  readonly missing: number;
  /** Value → rows, the commonest first. */
  readonly counts: ReadonlyMap<string, number>;
}

/**
 * Looks at a CSV file.
 *
 * @param label the column to predict. @throws MainstemError INIT_LABEL_NEEDED, INIT_LABEL_UNKNOWN,
 *   INIT_SEPARATOR, INIT_NOT_CSV, INIT_ONE_CLASS, DATA_INVALID
 */
export async function surveyTable(path: string, label: string | undefined): Promise<TableSurvey> {
  const content = await readFile(path);
  assertCommas(content, path);
  const csv = parseCsv(content, path);
  assertTable(csv, path);
  const columns = csv.columns.map((name) => surveyColumn(csv, name));
  const names = csv.columns.join(', ');
  if (label === undefined) throw new MainstemError('INIT_LABEL_NEEDED', { from: path, names });
  const labelled = columns.find(({ name }) => name === label);
  if (!labelled) throw new MainstemError('INIT_LABEL_UNKNOWN', { from: path, label, names });
  if (labelled.counts.size < 2) {
    const [only = 'nothing'] = labelled.counts.keys();
    throw new MainstemError('INIT_ONE_CLASS', { from: path, class: only });
  }
  const others = columns.filter((column) => column !== labelled);
  return { kind: 'table', rows: csv.rows.length, label: labelled, columns: others };
}

const otherSeparators = { ';': 'semicolons', '\t': 'tabs', '|': 'vertical bars' };

/** Said before parsing: decimal commas would make rows of unequal length of such a file. */
function assertCommas(content: Buffer, path: string): void {
  const [line = ''] = content.toString('latin1', 0, 65_536).split(/[\r\n]/, 1);
  const names = line.replace(/"[^"]*"/g, '');
  const count = (separator: string) => names.split(separator).length - 1;
  for (const [separator, words] of Object.entries(otherSeparators)) {
    if (count(separator) <= count(',')) continue;
    throw new MainstemError('INIT_SEPARATOR', { from: path, separator: words });
  }
}

function assertTable({ columns, rows }: Csv, path: string): void {
  const invalid = (reason: string) => new MainstemError('INIT_NOT_CSV', { from: path, reason });
  if (columns.length < 2) throw invalid('its first line does not name two columns or more');
  if (rows.length === 0) throw invalid('no row follows its header');
}

function surveyColumn({ rows }: Csv, name: string): ColumnSurvey {
  const all = rows.map((row) => row[name] ?? '');
  const kind = guessKind(all);
  const numeric = kind === 'number';
  const cells = all.filter((cell) => !isMissing(cell, kind));
  const groups = Map.groupBy(cells, (cell) => cell);
  const counts = [...groups].map(([value, members]) => [value, members.length] as const);
  counts.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const missing = 1 - cells.length / rows.length;
  return { name, numeric, cells, missing, counts: new Map(counts) };
}

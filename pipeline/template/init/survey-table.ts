import { readFile } from 'node:fs/promises';
import { assertUtf8, type Csv, parseCsv } from '../../../platform/lib/csv.ts';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { ownValue } from '../../../platform/lib/own-value.ts';
import { showName } from '../../../platform/lib/text.ts';
import {
  type ColumnKind,
  guessKind,
  isMissing,
  parseNumber,
} from '../../../platform/transforms/index.ts';
import { assertDistinctClasses } from './assert-distinct-classes.ts';

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
  /** From 1. */
  readonly position: number;
  /** At least 95 % of the cells that hold something hold a number. */
  readonly numeric: boolean;
  /** Only the cells that hold something, as text; of a column of numbers only those that hold one. */
  readonly cells: readonly string[];
  /** Share of cells that hold nothing. */
  readonly missing: number;
  /** Value → rows, the commonest first. */
  readonly counts: ReadonlyMap<string, number>;
  /** Of a column of numbers, what else stands in it: text → rows. */
  readonly odd: ReadonlyMap<string, number>;
  /** Of a column of numbers, the words that are taken for gaps: text → rows. */
  readonly gapWords: ReadonlyMap<string, number>;
}

/**
 * Looks at a CSV file.
 *
 * @param label the column to predict. @throws MainstemError INIT_LABEL_NEEDED, INIT_LABEL_UNKNOWN,
 *   INIT_SEPARATOR, INIT_NOT_CSV, INIT_ONE_CLASS, INIT_CLASSES_ALIKE, DATA_INVALID
 */
export async function surveyTable(path: string, label: string | undefined): Promise<TableSurvey> {
  const content = await readFile(path);
  assertUtf8(content, path);
  assertCommas(content, path);
  const csv = parseCsv(content, path);
  assertTable(csv, path);
  const columns = csv.columns.map((name) => surveyColumn(csv, name));
  const names = csv.columns
    .map((name, index) => (name === '' ? `(column ${index + 1}, without a name)` : name))
    .join(', ');
  if (label === undefined) throw new MainstemError('INIT_LABEL_NEEDED', { from: path, names });
  const found = columns.find(({ name }) => name === label.trim());
  if (!found) throw new MainstemError('INIT_LABEL_UNKNOWN', { from: path, label, names });
  // A text among few numbers is the name of a class; among many it is a slip.
  const asClasses = found.odd.size > 0 && found.counts.size <= mostClasses;
  const labelled = asClasses ? surveyColumn(csv, found.name, 'category') : found;
  if (labelled.counts.size < 2) {
    const [only = 'nothing'] = labelled.counts.keys();
    throw new MainstemError('INIT_ONE_CLASS', { from: path, class: showName(only) });
  }
  assertDistinctClasses(path, labelled.counts.keys());
  const others = columns.filter((column) => column !== found);
  return { kind: 'table', rows: csv.rows.length, label: labelled, columns: others };
}

/** Numbers with more values than this are amounts, not names of classes. */
export const mostClasses = 20;

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

function surveyColumn({ columns, rows }: Csv, name: string, only?: ColumnKind): ColumnSurvey {
  const all = rows.map((row) => ownValue(row, name) ?? '');
  const kind = only ?? guessKind(all);
  const numeric = kind === 'number';
  const present = all.filter((cell) => !isMissing(cell, kind));
  const isOdd = (cell: string) => numeric && parseNumber(cell) === null;
  const cells = present.filter((cell) => !isOdd(cell));
  return {
    ...{ name, position: columns.indexOf(name) + 1, numeric, cells },
    missing: 1 - present.length / rows.length,
    counts: countCells(cells),
    odd: countCells(present.filter(isOdd)),
    gapWords: countCells(numeric ? all.filter((cell) => cell !== '' && isMissing(cell, kind)) : []),
  };
}

/** Value → cells, the commonest first. */
function countCells(cells: readonly string[]): Map<string, number> {
  const counts = [...Map.groupBy(cells, (cell) => cell)].map(
    ([value, members]) => [value, members.length] as const,
  );
  return new Map(counts.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}

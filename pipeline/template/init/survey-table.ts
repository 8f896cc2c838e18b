import { assertCommas } from '../../../platform/lib/assert-commas.ts';
import { countBy } from '../../../platform/lib/count-by.ts';
import { assertUtf8 } from '../../../platform/lib/csv.ts';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { readBytes } from '../../../platform/lib/read-text.ts';
import type { Table } from '../../../platform/lib/table.ts';
import { listSome, showName } from '../../../platform/lib/text.ts';
import { isParquet, parseTableFile } from '../../../platform/storage/index.ts';
import {
  type ColumnKind,
  cellStates,
  findRounded,
  findStandIn,
  type NumberCells,
  parseNumber,
  readNumbers,
  rowsInState,
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
  /** How many cells hold something; of a column of numbers, how many hold one. */
  readonly present: number;
  /** The numbers of a column of numbers, in the order of the rows. */
  readonly numbers: Float64Array;
  /** Of a column of numbers, one that cannot be told apart from another one; null without any. */
  readonly rounded: string | null;
  /** Share of cells that hold nothing. */
  readonly missing: number;
  /** Whether there are two different values. */
  readonly varies: boolean;
  /** How many different values there are, as they are written. */
  readonly distinct: number;
  /** Value → rows, the commonest first; at most 10,000 values. */
  readonly counts: ReadonlyMap<string, number>;
  /** A number that may stand for gaps, and in how many cells it stands. */
  readonly standIn: {
    readonly value: number;
    readonly text: string;
    readonly times: number;
  } | null;
  /** Of a column of numbers, what else stands in it: text → rows. */
  readonly odd: ReadonlyMap<string, number>;
  /** Of a column of numbers, the words that are taken for gaps: text → rows. */
  readonly gapWords: ReadonlyMap<string, number>;
  /** How many cells hold a text that passes a test; it is asked once for each different text. */
  countCells(test: (text: string) => boolean): number;
  /** The first such text. */
  find(test: (text: string) => boolean): string | undefined;
}

/**
 * Looks at a CSV or Parquet file.
 *
 * @param label the column to predict. @throws MainstemError INIT_LABEL_NEEDED, INIT_LABEL_UNKNOWN,
 *   INIT_SEPARATOR, INIT_NOT_CSV, INIT_NO_ROWS, INIT_ONE_CLASS, INIT_CLASSES_ALIKE, DATA_INVALID
 */
export async function surveyTable(path: string, label: string | undefined): Promise<TableSurvey> {
  const content = await readBytes(path);
  if (!isParquet(content)) {
    assertUtf8(content, path);
    assertCommas(content, path);
  }
  const table = await parseTableFile(content, path);
  assertTable(table, path, isParquet(content));
  const columns = table.columns.map((_, place) => surveyColumn(table, place));
  const names = listSome(
    table.columns.map((name, index) => {
      return name === '' ? `(column ${index + 1}, without a name)` : showName(name);
    }),
  );
  if (label === undefined) throw new MainstemError('INIT_LABEL_NEEDED', { from: path, names });
  const found = columns.find(({ name }) => name === label.trim());
  if (!found) throw new MainstemError('INIT_LABEL_UNKNOWN', { from: path, label, names });
  // A text among few numbers is the name of a class; among many it is a slip.
  const asClasses = found.odd.size > 0 && found.distinct <= mostClasses;
  const labelled = asClasses ? surveyColumn(table, found.position - 1, 'category') : found;
  if (!labelled.varies) {
    const [only = 'nothing'] = labelled.counts.keys();
    throw new MainstemError('INIT_ONE_CLASS', { from: path, class: showName(only) });
  }
  assertDistinctClasses(path, labelled.counts.keys());
  const others = columns.filter((column) => column !== found);
  return { kind: 'table', rows: table.rows, label: labelled, columns: others };
}

/** Numbers with more values than this are amounts, not names of classes. */
export const mostClasses = 20;

function assertTable({ columns, rows }: Table, path: string, parquet: boolean): void {
  if (columns.length < 2) {
    const reason = 'its first line does not name two columns or more';
    throw parquet
      ? new MainstemError('DATA_INVALID', { path, reason: 'it has one column, and two are needed' })
      : new MainstemError('INIT_NOT_CSV', { from: path, reason });
  }
  if (rows === 0) throw new MainstemError('INIT_NO_ROWS', { from: path });
}

/** Looks at one column. @param only what kind it is taken for, whatever it holds */
export function surveyColumn(table: Table, place: number, only?: ColumnKind): ColumnSurvey {
  const facts = { name: table.columns[place] ?? '', position: place + 1 };
  const cells = readNumbers(table, place);
  const kind = only ?? guessKindOf(cells);
  const values = createValues(table, place, kind);
  return {
    ...facts,
    ...(kind === 'number' ? surveyNumbers(table, place, cells) : surveyTexts(table, place)),
    varies: varies(table, place, kind),
    // Only asked of some columns, since many different values take long to count.
    get distinct() {
      return values().length;
    },
    get rounded() {
      return kind === 'number' ? (findRounded(values().map(({ text }) => text))[0] ?? null) : null;
    },
    get counts() {
      return commonest(values());
    },
    countCells: (test) =>
      values().reduce((sum, { text, times }) => (test(text) ? sum + times : sum), 0),
    find: (test) => values().find(({ text }) => test(text))?.text,
  };
}

/** As `guessKind` says of the cells. */
function guessKindOf({ states }: NumberCells): ColumnKind {
  const counts = new Uint32Array(4);
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1;
  const [, numbers = 0, large = 0, texts = 0] = counts;
  const found = numbers + large;
  return found > 0 && found >= 0.95 * (found + texts) ? 'number' : 'category';
}

function surveyNumbers(table: Table, place: number, cells: NumberCells) {
  const textOf = (row: number) => table.text(row, place);
  const numbers = cells.values.filter((value) => !Number.isNaN(value));
  const rows = findStandIn(cells.values, textOf);
  const [first] = rows;
  const value = cells.values[first ?? 0] ?? 0;
  const missing = rowsInState(cells, cellStates.missing);
  const odd = [cellStates.text, cellStates.tooLarge].flatMap((state) => rowsInState(cells, state));
  return {
    ...{ numeric: true, present: numbers.length, numbers },
    missing: missing.length / table.rows,
    standIn: first === undefined ? null : { value, text: textOf(first), times: rows.length },
    odd: countTexts(odd.map(textOf)),
    gapWords: countTexts(missing.map(textOf).filter((text) => text !== '')),
  };
}

function surveyTexts(table: Table, place: number) {
  const column = table.column(table.columns[place] ?? '');
  const gaps = Array.from(column?.counts ?? [], (count, code) =>
    column?.text(code) === '' ? count : 0,
  ).reduce((sum, count) => sum + count, 0);
  return {
    ...{ numeric: false, present: table.rows - gaps, numbers: new Float64Array() },
    ...{ missing: gaps / table.rows, standIn: null, odd: new Map(), gapWords: new Map() },
  };
}

const mostCounted = 10_000;

interface Value {
  readonly text: string;
  readonly times: number;
}

/** The different values of a column in the order in which they first stand there, found when they are asked for. */
function createValues(table: Table, place: number, kind: ColumnKind): () => readonly Value[] {
  return () => {
    const column = table.column(table.columns[place] ?? '');
    const texts = Array.from(column?.counts ?? [], (times, code) => {
      return { text: column?.text(code) ?? '', times };
    });
    return texts.filter(({ text }) => isHeld(text, kind));
  };
}

/** Whether a cell counts for what its column holds. */
function isHeld(text: string, kind: ColumnKind): boolean {
  return kind === 'number' ? parseNumber(text) !== null : text !== '';
}

function commonest(values: readonly Value[]): Map<string, number> {
  const sorted = values.toSorted((a, b) => b.times - a.times || (a.text < b.text ? -1 : 1));
  return new Map(sorted.slice(0, mostCounted).map(({ text, times }) => [text, times]));
}

function varies(table: Table, place: number, kind: ColumnKind): boolean {
  let first: string | null = null;
  for (let row = 0; row < table.rows; row++) {
    const text = table.text(row, place);
    if (text === first || !isHeld(text, kind)) continue;
    if (first !== null) return true;
    first = text;
  }
  return false;
}

/** Text → how often, the commonest first. */
function countTexts(texts: readonly string[]): Map<string, number> {
  const counts = Object.entries(countBy(texts, (text) => text));
  return new Map(counts.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}

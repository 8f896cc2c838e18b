import { isUtf8 } from 'node:buffer';
import { CsvError, parse } from 'csv-parse/sync';
import { describeForeignByte, howToConvert } from './describe-foreign-byte.ts';
import { isMainstemError, MainstemError } from './errors.ts';
import { findSeparator } from './find-separator.ts';
import { foldIdentical, spellOut } from './look-alikes.ts';
import { parseMergeConflict } from './merge-conflict.ts';
import { plural } from './plural.ts';

/** A CSV file with a header; every cell as text. */
export interface Csv {
  /** Names of the columns in their order, no two alike. */
  readonly columns: readonly string[];
  /** Column → cell, one for each line below the header that is not empty. */
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/**
 * Parses a CSV file in UTF-8 whose first line names the columns. A byte order mark, empty lines and any mixture of line
 * ends are fine; blanks around names and cells are dropped, line breaks inside quotes are kept. Every row must have as
 * many cells as the header.
 *
 * @param path what to call the file in an error.
 * @throws MainstemError DATA_INVALID with `line` and `column` (of cells), both from 1, in its details; MERGE_CONFLICT
 * @example parseCsv(Buffer.from('mass,sex\n3750,\n'), 'penguins.csv')
 *   // { columns: ['mass', 'sex'], rows: [{ mass: '3750', sex: '' }] }
 */
export function parseCsv(content: Uint8Array, path: string): Csv {
  try {
    const csv = parseUnmerged(content, path);
    // Marks have one cell each: where every row has one, they pass for rows.
    if (csv.columns.length === 1) assertMerged(content, path);
    return csv;
  } catch (error) {
    // Whatever else is wrong with the file follows from the marks.
    if (isMainstemError(error, 'DATA_INVALID')) assertMerged(content, path, error);
    throw error;
  }
}

const merging = '<<<<<<< ';

/** @throws MainstemError MERGE_CONFLICT where git has left both sides of a merge in the file */
function assertMerged(content: Uint8Array, path: string, cause?: Error): void {
  const text = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (!text.includes(merging)) return;
  const { ours, theirs } = parseMergeConflict(text.toString()) ?? { ours: '', theirs: '' };
  if (ours !== '' && theirs !== '')
    throw new MainstemError('MERGE_CONFLICT', { path, ours, theirs }, { cause });
}

function parseUnmerged(content: Uint8Array, path: string): Csv {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  assertUtf8(bytes, path);
  const separated = findSeparatorFault(bytes);
  if (separated) throw invalid(path, separated);
  const [columns = [], ...records] = readRecords(bytes, path);
  const fault = findHeaderFault(columns);
  if (fault) throw invalid(path, fault);
  const rows = records.map((cells) =>
    Object.fromEntries(columns.map((name, index) => [name, cells[index] ?? ''])),
  );
  return { columns, rows };
}

/**
 * Refuses text in another encoding at its first bad byte, and text from which an earlier conversion has lost letters:
 * there, two values may have become one.
 *
 * @throws MainstemError DATA_INVALID with `line` and `column` (of cells), both from 1, in its details.
 */
export function assertUtf8(bytes: Buffer, path: string): void {
  const fault = findByteFault(bytes);
  if (fault) throw invalid(path, fault);
}

/**
 * The lines on which rows of a valid CSV file end, counted from 1.
 *
 * @param rows positions among the rows below the header.
 */
export function findLines(content: Uint8Array, rows: readonly number[]): number[] {
  const lines: number[] = [];
  const on_record = (_: unknown, { lines: line }: { lines: number }) => {
    lines.push(line);
    return null;
  };
  parse(Buffer.from(content), { ...options, on_record });
  return rows.map((row) => lines[row + 1] ?? 0);
}

function readRecords(bytes: Buffer, path: string): string[][] {
  try {
    const records: string[][] = parse(bytes, options);
    return records.map((cells) => cells.map((cell) => cell.trim()));
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw invalid(path, faultOf(cause, bytes), cause);
  }
}

interface Fault {
  readonly line: number;
  readonly column: number;
  readonly problem: string;
}

const options = {
  bom: true,
  skip_empty_lines: true,
  // For a quote after a blank; the blanks inside quotes are dropped afterwards.
  trim: true,
  record_delimiter: ['\r\n', '\n', '\r'],
};

function invalid(path: string, { line, column, problem }: Fault, cause?: unknown): MainstemError {
  const reason = `line ${line}, column ${column}: ${problem}`;
  return new MainstemError('DATA_INVALID', { path, reason, line, column }, { cause });
}

/** Bytes that are not UTF-8, by what they probably are. */
function findByteFault(bytes: Buffer): Fault | null {
  const wide = wideEncoding(bytes);
  if (wide)
    return { line: 1, column: 1, problem: `the text is ${wide}, not UTF-8; ${howToConvert(wide)}` };
  const zero = bytes.indexOf(0);
  if (zero >= 0) return { ...placeOf(bytes, zero), problem: 'there are bytes that are not text' };
  if (!isUtf8(bytes)) return foreignByte(bytes, firstBadByte(bytes));
  const lost = bytes.indexOf(replacementCharacter);
  if (lost < 0) return null;
  const problem =
    'there is the replacement character \ufffd: a conversion has lost a letter; export the table again as "CSV UTF-8"';
  return { ...placeOf(bytes, lost), problem };
}

const replacementCharacter = Buffer.from('\ufffd');

function foreignByte(bytes: Buffer, position: number): Fault {
  return { ...placeOf(bytes, position), problem: describeForeignByte(bytes, position) };
}

/** UTF-16 or UTF-32 as iconv calls it: as the byte order mark says, or without one as the zero bytes show. */
function wideEncoding(bytes: Buffer): string | null {
  const starts = (...head: number[]) => bytes.subarray(0, head.length).equals(Buffer.from(head));
  if (starts(0xff, 0xfe, 0, 0) || starts(0, 0, 0xfe, 0xff)) return 'UTF-32';
  if (starts(0xff, 0xfe) || starts(0xfe, 0xff)) return 'UTF-16';
  if (isWide(bytes, 1)) return 'UTF-16LE';
  return isWide(bytes, 0) ? 'UTF-16BE' : null;
}

/**
 * Whether text has two bytes a character: commas and line ends do in any script, so zeros are frequent, and all on one side.
 *
 * @param side 1 if the second byte of a pair is the higher one, else 0.
 */
function isWide(bytes: Buffer, side: 0 | 1): boolean {
  const head = bytes.subarray(0, Math.min(65_536, bytes.length - (bytes.length % 2)));
  const zeros = [0, 0];
  for (let at = 0; at < head.length; at++) {
    if (head[at] === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  }
  // A stray zero in a short file is none of them.
  if (zeros[1 - side] || (zeros[side] ?? 0) < Math.max(3, head.length / 40)) return false;
  const text = new TextDecoder(side ? 'utf-16le' : 'utf-16be').decode(head);
  return !/[^\P{Cc}\t\r\n]|\ufffe/u.test(text);
}

/** Where the first character begins that is not UTF-8: a prefix of good text may end within one, but no further. */
function firstBadByte(bytes: Buffer): number {
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (startsAsUtf8(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  while (!isUtf8(bytes.subarray(0, good))) good -= 1;
  return good;
}

function startsAsUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** Line and cell of a byte, as far as they can be told without parsing quotes. */
function placeOf(bytes: Buffer, position: number): Pick<Fault, 'line' | 'column'> {
  const lines = bytes.toString('latin1', 0, position).split(/\r\n|\n|\r/);
  return { line: lines.length, column: (lines.at(-1) ?? '').split(',').length };
}

/** A header without a comma that another sign divides: the cells of the rows would be looked for in one column. */
function findSeparatorFault(bytes: Buffer): Fault | null {
  const found = findSeparator(bytes);
  if (!found || found.commas > 0) return null;
  const problem = `the cells seem to be separated by ${found.words}, not by commas; save the file as comma-separated CSV, with decimal points in numbers`;
  return { line: 1, column: 1, problem };
}

function findHeaderFault(columns: readonly string[]): Fault | null {
  if (columns.length === 0) {
    return {
      line: 1,
      column: 1,
      problem: 'the file is empty; its first line must name the columns',
    };
  }
  const folded = columns.map(foldIdentical);
  const second = folded.findIndex((name, index) => folded.indexOf(name) < index);
  if (second < 0) return null;
  const first = folded.indexOf(folded[second] ?? '');
  const [name = '', other = ''] = [columns[second], columns[first]];
  return { line: 1, column: second + 1, problem: twinProblem(name, other, first + 1) };
}

function twinProblem(name: string, other: string, place: number): string {
  if (name !== other) {
    return `the name ${spellOut(name)} looks the same as that of column ${place}, ${spellOut(other)}; rename one`;
  }
  if (name === '') return `neither this column nor column ${place} has a name; name or delete them`;
  return `the name ${JSON.stringify(name)} is already that of column ${place}`;
}

/** The parser's error in words for the person who has the file. */
function faultOf(error: CsvError, bytes: Buffer): Fault {
  const line = numberAt(error, 'lines');
  const column = numberAt(error, 'index') + 1;
  switch (error.code) {
    case 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH':
      return lengthFault(error, line);
    case 'CSV_QUOTE_NOT_CLOSED':
      return { line: lastRow(bytes), column, problem: 'a quote opens here and is never closed' };
    case 'INVALID_OPENING_QUOTE':
      return { line, column, problem: 'a quote stands inside a cell that does not begin with one' };
    case 'CSV_INVALID_CLOSING_QUOTE':
      return {
        line,
        column,
        problem: 'text follows a closing quote; write "" for a quote in a cell',
      };
    default:
      return { line, column, problem: error.message };
  }
}

function lengthFault(error: CsvError, line: number): Fault {
  const cells = Array.isArray(error.record) ? error.record.length : 0;
  const names = /expect (\d+)/.exec(error.message)?.[1] ?? '?';
  const column = Math.min(cells, Number(names) || cells) + 1;
  return {
    line,
    column,
    problem: `the row has ${plural(cells, 'cell')}, but the header names ${names}`,
  };
}

function numberAt(error: CsvError, name: string): number {
  const value = error[name];
  return typeof value === 'number' ? value : 0;
}

/** The line on which the last row begins, of a file that ends inside a quote. */
function lastRow(bytes: Buffer): number {
  let done = 0;
  const on_record = (_: unknown, { lines }: { lines: number }) => {
    done = lines;
    return null;
  };
  try {
    parse(bytes, { ...options, on_record });
  } catch {
    // The same error as before; only the place was wanted.
  }
  const rest = bytes
    .toString('utf8')
    .split(/\r\n|\n|\r/)
    .slice(done);
  return (
    done +
    1 +
    Math.max(
      0,
      rest.findIndex((text) => text !== ''),
    )
  );
}

import { assertUtf8, parseCsv } from './csv.ts';
import { MainstemError } from './errors.ts';
import { assertNoPointer } from './lfs-pointer.ts';
import { foldIdentical } from './look-alikes.ts';
import { createTable, type Table, type TableBytes } from './table.ts';
import { renderBytes } from './text.ts';

/** The largest table that is read. */
export interface TableLimits {
  readonly bytes: number;
  readonly rows: number;
}

/** Beyond these, training would need more memory than Node gives to one process. */
export const tableLimits: TableLimits = { bytes: 2_000_000_000, rows: 5_000_000 };

/**
 * Parses a CSV file in UTF-8 as {@link parseCsv} does, by the same rules and with the same errors, into a table that needs
 * about as much memory as the file again.
 *
 * @param path what to call the file in an error.
 * @throws MainstemError DATA_INVALID with `line` and `column` (of cells), both from 1; MERGE_CONFLICT, TABLE_TOO_LARGE
 */
export function parseTable(content: Uint8Array, path: string, limits = tableLimits): Table {
  if (content.length > limits.bytes) {
    throw tooLarge(path, renderBytes(content.length), renderBytes(limits.bytes));
  }
  assertNoPointer(content, path);
  assertUtf8(Buffer.from(content.buffer, content.byteOffset, content.byteLength), path);
  const table = createTable(scan(content) ?? rewrite(content, path));
  if (table.rows <= limits.rows) return table;
  const count = (rows: number) => `${rows.toLocaleString('en')} rows`;
  throw tooLarge(path, count(table.rows), count(limits.rows));
}

/** The error of a table beyond the limits. */
export function tooLarge(path: string, size: string, limit: string): MainstemError {
  return new MainstemError('TABLE_TOO_LARGE', { path, size, limit });
}

/** What the scanner does not take is left to the careful parser, which knows what is wrong and where. */
function rewrite(content: Uint8Array, path: string): TableBytes {
  const { columns, rows } = parseCsv(content, path);
  const quoted = (cells: readonly string[]) =>
    cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
  const lines = rows.map((row) => quoted(columns.map((name) => row[name] ?? '')));
  const found = scan(Buffer.from([quoted(columns), ...lines].join('\n')), columns);
  if (!found) throw new Error(`what was parsed of ${path} cannot be parsed again`);
  return found;
}

const [comma, quote, lineFeed, carriageReturn] = [0x2c, 0x22, 0x0a, 0x0d];

/**
 * Finds where each cell begins.
 *
 * @param names of the columns, where they have been checked @returns null for whatever is unusual
 */
function scan(bytes: Uint8Array, names?: readonly string[]): TableBytes | null {
  const from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const header: Cells = { starts: new Uint32Array(64), count: 0 };
  const body = scanRecord(bytes, skipEmptyLines(bytes, from), header);
  if (body < 0) return null;
  const width = header.count;
  push(header, body);
  const place = { columns: Array.from({ length: width }, String), starts: taken(header) };
  const head = createTable({ ...place, bytes });
  const columns = Array.from({ length: width }, (_, column) => head.text(0, column));
  if (!names && (width < 2 || new Set(columns.map(foldIdentical)).size < width)) return null;
  const expected = Math.ceil((1.1 * bytes.length * width) / sampleRow(bytes, body));
  const cells: Cells = { starts: new Uint32Array(Math.max(1024, expected)), count: 0 };
  for (let at = skipEmptyLines(bytes, body); at < bytes.length; at = skipEmptyLines(bytes, at)) {
    const before = cells.count;
    at = scanRecord(bytes, at, cells);
    if (at < 0 || cells.count - before !== width) return null;
  }
  push(cells, bytes.length);
  return { columns: names ?? columns, bytes, starts: taken(cells) };
}

/** About how many bytes a row has. */
function sampleRow(bytes: Uint8Array, body: number): number {
  const sample = bytes.subarray(body, body + 65_536);
  const lines = sample.reduce((sum, byte) => (byte === lineFeed ? sum + 1 : sum), 0);
  return sample.length / Math.max(1, lines) + 1;
}

/** Goes to the next line that holds more than blanks. */
function skipEmptyLines(bytes: Uint8Array, from: number): number {
  let line = from;
  for (let at = from; ; at++) {
    const byte = bytes[at];
    if (byte === undefined) return at;
    if (byte === lineFeed || byte === carriageReturn) line = at + 1;
    else if (!isSpace(byte)) return line;
  }
}

/** Adds the beginnings of one record's cells. @returns where the next line begins; −1 for what is unusual */
function scanRecord(bytes: Uint8Array, from: number, cells: Cells): number {
  const { length } = bytes;
  let at = from;
  for (;;) {
    push(cells, at);
    at = scanCell(bytes, at);
    if (at < 0) return -1;
    if (at >= length) return length;
    if (bytes[at] !== comma) return at + 1;
    at++;
  }
}

/** Goes to the comma or line end behind a cell. @returns −1 where a quote stands in an unusual place */
function scanCell(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isSpace(bytes[at] ?? 0)) at++;
  if (bytes[at] === quote) {
    at = closingQuote(bytes, at + 1);
    if (at < 0) return -1;
    at++;
    while (isSpace(bytes[at] ?? 0)) at++;
    const byte = bytes[at];
    const ends =
      byte === undefined || byte === comma || byte === lineFeed || byte === carriageReturn;
    return ends ? at : -1;
  }
  for (; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    // Letters, digits, points and signs are all above.
    if (byte > comma) continue;
    if (byte === comma || byte === lineFeed || byte === carriageReturn) return at;
    if (byte === quote) return -1;
  }
  return at;
}

/** The quote that ends a cell. @returns −1 if there is none */
function closingQuote(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] !== quote) continue;
    if (bytes[at + 1] !== quote) return at;
    at++;
  }
  return -1;
}

/** Blanks within a line. */
function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 9 || byte === 11 || byte === 12;
}

/** A list of places that grows. */
interface Cells {
  starts: Uint32Array;
  count: number;
}

function push(cells: Cells, place: number): void {
  const { starts, count } = cells;
  if (count === starts.length) {
    cells.starts = new Uint32Array(Math.ceil(1.3 * count) + 64);
    cells.starts.set(starts);
  }
  cells.starts[count] = place;
  cells.count = count + 1;
}

function taken({ starts, count }: Cells): Uint32Array {
  return starts.subarray(0, count);
}

import { hash } from 'node:crypto';
import { canonicalJson } from '../../lib/canonical-json.ts';
import { createSpan, type Span, type Table, textOf } from '../../lib/table.ts';
import { countsRows, digestLength, plainCell } from './row-identity.ts';

/**
 * The digests of all rows in their order, 32 bytes each, which are those that `digestRow` gives.
 *
 * @param equalRows `apart`: the second of equal rows and those after it have digests of their own, by how many are before them
 */
export function digestRows(table: Table, equalRows?: 'apart'): Uint8Array {
  const digests = digestCells(table, identifying(table));
  if (equalRows === 'apart') setApart(digests);
  return digests;
}

/**
 * Tells rows apart by all cells but those of one column.
 *
 * @returns a text of 32 letters for each row, the same for rows of which `digestRow` says the same without the column
 */
export function contentsWithout(table: Table, column: string): (row: number) => string {
  const others = identifying(table).filter(({ place }) => place !== table.place(column));
  const digests = Buffer.from(digestCells(table, others).buffer);
  return (row) => digests.toString('latin1', row * digestLength, (row + 1) * digestLength);
}

function setApart(digests: Uint8Array): void {
  const seen = new Map<string, number>();
  for (let from = 0; from < digests.length; from += digestLength) {
    const digest = digests.subarray(from, from + digestLength);
    const text = Buffer.from(digest).toString('latin1');
    const before = seen.get(text) ?? 0;
    seen.set(text, before + 1);
    if (before === 0) continue;
    const copy = Buffer.concat([digest, Buffer.from(`#${before + 1}`)]);
    digests.set(hash('sha256', copy, 'buffer'), from);
  }
}

function digestCells(table: Table, columns: readonly KeyedColumn[]): Uint8Array {
  const digests = new Uint8Array(table.rows * digestLength);
  const span = createSpan();
  const text: Text = { bytes: new Uint8Array(4096), length: 0 };
  for (let row = 0; row < table.rows; row++) {
    text.length = 0;
    for (const { place, key } of columns) {
      table.locate(row, place, span);
      writeCell(text, key, span);
    }
    // A text of one letter a byte is made in half the time of a buffer.
    const digest = hash('sha256', objectOf(text), 'binary');
    const from = row * digestLength;
    for (let at = 0; at < digestLength; at++) digests[from + at] = digest.charCodeAt(at);
  }
  return digests;
}

interface KeyedColumn {
  readonly place: number;
  /** The name as JSON between what ends the cell before it and what begins its own: `","name":"`. */
  readonly key: Uint8Array;
}

/** The columns that say what a row is, in the order of canonical JSON. */
function identifying({ columns }: Table): KeyedColumn[] {
  return columns
    .map((name, place) => ({ name, place, key: Buffer.from(`",${canonicalJson(name)}:"`) }))
    .filter(({ name }) => !countsRows(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const [opening, closing, quote, backslash] = [0x7b, 0x7d, 0x22, 0x5c];
const [zero, nine, point, minus, plus] = [0x30, 0x39, 0x2e, 0x2d, 0x2b];

/** Text that is written into the same bytes again and again. */
interface Text {
  bytes: Uint8Array;
  length: number;
}

/** The cells as an object: the first key begins with what would end a cell. */
function objectOf(text: Text): Uint8Array {
  if (text.length === 0) return Buffer.from('{}');
  append(text, ending, 0, ending.length);
  text.bytes[1] = opening;
  return text.bytes.subarray(1, text.length);
}

const ending = Uint8Array.of(quote, closing);

/** Adds a cell as a member of a JSON object, unless it holds nothing. */
function writeCell(text: Text, key: Uint8Array, span: Span): void {
  const { bytes, start } = span;
  let { end } = span;
  if (start === end) return;
  if (isDecimal(span)) end = withoutZeros(span);
  else if (!isPlain(span)) {
    const cell = plainCell(textOf(span));
    if (cell !== '') writeText(text, key, cell);
    return;
  }
  append(text, key, 0, key.length);
  append(text, bytes, start, end);
}

function writeText(text: Text, key: Uint8Array, cell: string): void {
  const json = Buffer.from(canonicalJson(cell).slice(1, -1));
  append(text, key, 0, key.length);
  append(text, json, 0, json.length);
}

function append(text: Text, from: Uint8Array, start: number, end: number): void {
  let { bytes, length } = text;
  if (length + end - start > bytes.length) {
    bytes = new Uint8Array(2 * (length + end - start));
    bytes.set(text.bytes);
    text.bytes = bytes;
  }
  for (let at = start; at < end; at++) bytes[length++] = from[at] ?? 0;
  text.length = length;
}

/** Digits with a point between or behind them, and maybe a sign. */
function isDecimal({ bytes, start, end }: Span): boolean {
  const sign = bytes[start] === minus || bytes[start] === plus ? 1 : 0;
  let points = 0;
  for (let at = start + sign; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte >= zero && byte <= nine) continue;
    if (byte !== point || points++ > 0 || at === start + sign) return false;
  }
  return end - start > sign;
}

/** Where a decimal ends without the zeros that say nothing. */
function withoutZeros({ bytes, start, end }: Span): number {
  let at = start;
  while (at < end && bytes[at] !== point) at++;
  if (at === end) return end;
  let last = end;
  while (bytes[last - 1] === zero) last--;
  return bytes[last - 1] === point ? last - 1 : last;
}

/** No word for a gap has more letters. */
const longestGapWord = 8;

/** Whether a cell is certainly no word for a gap, and is in JSON as it is. */
function isPlain({ bytes, start, end }: Span): boolean {
  let digits = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x20 || byte > 0x7e || byte === quote || byte === backslash) return false;
    if (byte >= zero && byte <= nine) digits++;
  }
  return digits > 0 || end - start > longestGapWord || !mayBeginGapWord(bytes[start] ?? 0);
}

/** First letters of the words for gaps, in small letters. */
const gapLetters = new Set(Buffer.from('n#<?-.mu'));

function mayBeginGapWord(byte: number): boolean {
  return gapLetters.has(byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);
}

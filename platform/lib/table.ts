/** Cells of a CSV file as they lie in its bytes: millions of them take four bytes each and no object. */
export interface TableBytes {
  readonly columns: readonly string[];
  readonly bytes: Uint8Array;
  /** Where each cell begins, row after row; after the last one where the file ends. */
  readonly starts: Uint32Array;
}

/** A table whose cells are read when they are asked for. */
export interface Table {
  /** Names of the columns in their order, no two alike. */
  readonly columns: readonly string[];
  /** How many rows there are below the header. */
  readonly rows: number;
  /** The position of a column; −1 if there is none of this name. */
  place(name: string): number;
  /** A cell without the blanks around it, '' where there is no such column. @param row from 0 @param place of the column */
  text(row: number, place: number): string;
  /** The cell as a number if it is written with at most 15 digits, a sign and a point; NaN for anything else. */
  decimal(row: number, place: number): number;
  /** Where a cell lies. @param into is overwritten */
  locate(row: number, place: number, into: Span): void;
  /** A column by its values, which takes time for many different ones; undefined if there is none. Found once, then kept. */
  column(name: string): Column | undefined;
  /** How often each text is in some rows of a column; null if there are more than so many different ones. */
  countTexts(rows: Uint32Array, place: number, most: number): Map<string, number> | null;
}

/** A column by its different values, which are numbered in the order in which they first stand in it. */
export interface Column {
  readonly name: string;
  /** The value of each row. */
  readonly codes: Uint32Array;
  /** How many rows have each value. */
  readonly counts: Uint32Array;
  text(code: number): string;
}

/** A part of some bytes. */
export interface Span {
  bytes: Uint8Array;
  start: number;
  end: number;
}

const quote = 0x22;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** A place for what {@link Table.locate} finds. */
export function createSpan(): Span {
  return { bytes: new Uint8Array(), start: 0, end: 0 };
}

/** Creates a table over the bytes of a file. */
export function createTable({ columns, bytes, starts }: TableBytes): Table {
  const width = columns.length;
  const rows = width === 0 ? 0 : (starts.length - 1) / width;
  const places = new Map(columns.map((name, place) => [name, place]));
  const found = new Map<string, Column>();
  const span = createSpan();
  const endOf = createEnds({ columns, bytes, starts });
  const table: Table = {
    ...{ columns, rows },
    column(name) {
      const place = places.get(name);
      if (place === undefined) return undefined;
      const column = found.get(name) ?? readColumn(table, place);
      found.set(name, column);
      return column;
    },
    countTexts: (rows, place, most) => countTexts(table, rows, { place, most }),
    place: (name) => places.get(name) ?? -1,
    text(row, place) {
      table.locate(row, place, span);
      return textOf(span);
    },
    decimal(row, place) {
      if (place < 0) return Number.NaN;
      const cell = row * width + place;
      // Most cells have nothing around them; whatever else stands there is no digit.
      const found = decimalOf(bytes, starts[cell] ?? 0, endOf(cell, place));
      if (!Number.isNaN(found)) return found;
      table.locate(row, place, span);
      return decimalOf(span.bytes, span.start, span.end);
    },
    locate(row, place, into) {
      if (place < 0) {
        into.start = 0;
        into.end = 0;
        return;
      }
      const cell = row * width + place;
      into.bytes = bytes;
      into.start = starts[cell] ?? 0;
      into.end = endOf(cell, place);
      if (!isBare(into)) trim(into);
    },
  };
  return table;
}

/** Where cells end, without the line ends behind the last one of a row. */
function createEnds({
  columns,
  bytes,
  starts,
}: TableBytes): (cell: number, place: number) => number {
  const last = columns.length - 1;
  return (cell, place) => {
    let end = starts[cell + 1] ?? bytes.length;
    if (place < last) return end - 1;
    const start = starts[cell] ?? 0;
    while (end > start && isBlank(bytes[end - 1] ?? 0)) end--;
    return end;
  };
}

/** Whether a cell begins and ends with what is certainly its own: neither a blank nor a quote, and ASCII. */
function isBare({ bytes, start, end }: Span): boolean {
  return start === end || (isOwn(bytes[start] ?? 0) && isOwn(bytes[end - 1] ?? 0));
}

function isOwn(byte: number): boolean {
  return byte > 0x20 && byte < 0x80 && byte !== quote;
}

/** The text of a span. */
export function textOf({ bytes, start, end }: Span): string {
  if (end - start > 24) return decoder.decode(bytes.subarray(start, end));
  let text = '';
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte > 0x7f) return decoder.decode(bytes.subarray(start, end));
    text += String.fromCharCode(byte);
  }
  return text;
}

/** Leaves out blanks and quotes around a cell. */
function trim(span: Span): void {
  trimBlanks(span);
  const { bytes } = span;
  if (span.start < span.end && bytes[span.start] === quote) {
    span.start++;
    span.end--;
    if (holdsQuote(span)) replaceBy(span, textOf(span).replaceAll('""', '"'));
    trimBlanks(span);
  }
  if (hasForeignEdge(span)) replaceBy(span, textOf(span).trim());
}

function trimBlanks(span: Span): void {
  const { bytes } = span;
  let { start, end } = span;
  while (start < end && isBlank(bytes[start] ?? 0)) start++;
  while (start < end && isBlank(bytes[end - 1] ?? 0)) end--;
  span.start = start;
  span.end = end;
}

function isBlank(byte: number): boolean {
  return byte <= 0x20 && (byte === 0x20 || (byte >= 9 && byte <= 13));
}

function holdsQuote({ bytes, start, end }: Span): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === quote) return true;
  return false;
}

/** Whether a cell begins or ends with a letter that is not ASCII, and so may be a blank such as U+00A0. */
function hasForeignEdge({ bytes, start, end }: Span): boolean {
  if (start >= end || ((bytes[start] ?? 0) < 0x80 && (bytes[end - 1] ?? 0) < 0x80)) return false;
  return mayBlank(bytes[start]) || mayBlank(bytes[end - 2]) || mayBlank(bytes[end - 3]);
}

/** First bytes of all blanks that are not ASCII. */
function mayBlank(byte: number | undefined): boolean {
  return byte === 0xc2 || byte === 0xe1 || byte === 0xe2 || byte === 0xe3 || byte === 0xef;
}

function replaceBy(span: Span, text: string): void {
  span.bytes = encoder.encode(text);
  span.start = 0;
  span.end = span.bytes.length;
}

function countTexts(
  table: Table,
  rows: Uint32Array,
  { place, most }: { readonly place: number; readonly most: number },
): Map<string, number> | null {
  const one = createSpan();
  const values = valuesOf(table, place, one);
  const counts: number[] = [];
  for (const row of rows) {
    table.locate(row, place, one);
    const code = values.add(one, row);
    counts[code] = (counts[code] ?? 0) + 1;
    if (counts.length > most) return null;
  }
  return new Map(counts.map((count, code) => [table.text(values.firstRow(code), place), count]));
}

/** The values of a column, of which none is there yet. @param added in which each that is added stands */
function valuesOf(table: Table, place: number, added: Span): Values {
  const other = createSpan();
  return createValues((row) => {
    table.locate(row, place, other);
    return areEqual(added, other);
  });
}

/** Numbers the different values of a column. */
function readColumn(table: Table, place: number): Column {
  const { rows } = table;
  const one = createSpan();
  const codes = new Uint32Array(rows);
  const values = valuesOf(table, place, one);
  for (let row = 0; row < rows; row++) {
    table.locate(row, place, one);
    codes[row] = values.add(one, row);
  }
  const counts = new Uint32Array(values.size());
  for (let row = 0; row < rows; row++) {
    const code = codes[row] ?? 0;
    counts[code] = (counts[code] ?? 0) + 1;
  }
  const text = (code: number) => table.text(values.firstRow(code), place);
  return { name: table.columns[place] ?? '', codes, counts, text };
}

/** Different values, numbered as they come: a hash table. */
interface Values {
  /** The number of a value, which is new if it was not there before. @param row where it stands */
  add(span: Span, row: number): number;
  size(): number;
  firstRow(code: number): number;
}

/**
 * What is kept of a value, side by side, because each may be anywhere in memory: its hash, its first row, its length, and the bytes
 * of a short one, so that its cell need not be looked at again.
 */
const [hashAt, rowAt, lengthAt, bytesAt, entryLength] = [0, 1, 2, 3, 8];
const keptBytes = 4 * (entryLength - bytesAt);

/** @param isThat whether the value that is added is also that of a row */
function createValues(isThat: (row: number) => boolean): Values {
  let slots = new Uint32Array(2048);
  let entries = new Uint32Array(1024 * entryLength);
  let size = 0;
  const added = new Uint32Array(entryLength);
  const isKnown = (code: number) => {
    const entry = code * entryLength;
    if (entries[entry + hashAt] !== added[hashAt]) return false;
    const length = added[lengthAt] ?? 0;
    if (entries[entry + lengthAt] !== length) return false;
    for (let at = bytesAt; 4 * (at - bytesAt) < length && at < entryLength; at++) {
      if (entries[entry + at] !== added[at]) return false;
    }
    return length <= keptBytes || isThat(entries[entry + rowAt] ?? 0);
  };
  const put = (code: number, hash: number) => {
    const mask = slots.length - 1;
    let slot = hash & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = code + 1;
  };
  const grow = () => {
    const larger = new Uint32Array(2 * entries.length);
    larger.set(entries);
    entries = larger;
    slots = new Uint32Array(2 * slots.length);
    for (let code = 0; code < size; code++) put(code, entries[code * entryLength + hashAt] ?? 0);
  };
  return {
    add(span, row) {
      describe(span, row, added);
      const mask = slots.length - 1;
      let slot = (added[hashAt] ?? 0) & mask;
      for (let next = slots[slot] ?? 0; next !== 0; next = slots[slot] ?? 0) {
        if (isKnown(next - 1)) return next - 1;
        slot = (slot + 1) & mask;
      }
      const code = size++;
      slots[slot] = code + 1;
      entries.set(added, code * entryLength);
      if (size * entryLength === entries.length) grow();
      return code;
    },
    size: () => size,
    firstRow: (code) => entries[code * entryLength + rowAt] ?? 0,
  };
}

/** Writes what is kept of a value. */
function describe(span: Span, row: number, entry: Uint32Array): void {
  const { bytes, start, end } = span;
  entry[hashAt] = hashOf(span);
  entry[rowAt] = row;
  entry[lengthAt] = end - start;
  for (let word = bytesAt, at = start; word < entryLength; word++, at += 4) {
    entry[word] = at + 4 <= end ? wordAt(bytes, at) : lastWord(bytes, at, end);
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
  return low | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}

/** The bytes before an end, fewer than four or none. */
function lastWord(bytes: Uint8Array, start: number, end: number): number {
  let word = 0;
  for (let at = start; at < end; at++) word = (word << 8) | (bytes[at] ?? 0);
  return word;
}

/** A number of 32 bits for the bytes of a span, four of them at a time, with a last stir, because the lowest bits choose the slot. */
export function hashOf({ bytes, start, end }: Span): number {
  let hash = end - start;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
    const high = (bytes[at + 2] ?? 0) | ((bytes[at + 3] ?? 0) << 8);
    hash = Math.imul(hash ^ low ^ (high << 16), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** Whether two spans hold the same bytes. */
export function areEqual(one: Span, other: Span): boolean {
  const length = one.end - one.start;
  if (length !== other.end - other.start) return false;
  for (let at = 0; at < length; at++) {
    if (one.bytes[one.start + at] !== other.bytes[other.start + at]) return false;
  }
  return true;
}

const mostDigits = 15;
const powers = Array.from({ length: mostDigits + 1 }, (_, power) => 10 ** power);

/** Digits and their power of ten are exact, so that one division gives the number that `Number` gives. */
function decimalOf(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const sign = bytes[at];
  if (sign === 0x2d || sign === 0x2b) at++;
  let [value, digits, decimals, hasPoint] = [0, 0, 0, false];
  if (end - at > mostDigits + 1) return Number.NaN;
  for (; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit >= 0 && digit <= 9) {
      value = 10 * value + digit;
      digits++;
      if (hasPoint) decimals++;
    } else if (digit === -2 && !hasPoint) hasPoint = true;
    else return Number.NaN;
  }
  if (digits === 0 || digits > mostDigits) return Number.NaN;
  const found = decimals === 0 ? value : value / (powers[decimals] ?? 1);
  return sign === 0x2d ? -found : found;
}

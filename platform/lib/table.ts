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
  const table: Table = {
    ...{ columns, rows },
    column(name) {
      const place = places.get(name);
      if (place === undefined) return undefined;
      const column = found.get(name) ?? readColumn(table, place);
      found.set(name, column);
      return column;
    },
    place: (name) => places.get(name) ?? -1,
    text(row, place) {
      table.locate(row, place, span);
      return textOf(span);
    },
    decimal(row, place) {
      table.locate(row, place, span);
      return decimalOf(span);
    },
    locate(row, place, into) {
      if (place < 0) {
        into.start = 0;
        into.end = 0;
        return;
      }
      const cell = row * width + place;
      const next = starts[cell + 1] ?? bytes.length;
      into.bytes = bytes;
      into.start = starts[cell] ?? 0;
      // Behind the last cell of a row is a line end, which is a blank.
      into.end = place === width - 1 ? next : next - 1;
      trim(into);
    },
  };
  return table;
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

/** Numbers the different values of a column, by a hash table over their bytes. */
function readColumn(table: Table, place: number): Column {
  const { rows } = table;
  const [one, other] = [createSpan(), createSpan()];
  const codes = new Uint32Array(rows);
  let slots = new Uint32Array(2048);
  let [first, counts, hashes] = [0, 0, 0].map(() => new Uint32Array(1024)) as [
    Uint32Array<ArrayBuffer>,
    Uint32Array<ArrayBuffer>,
    Uint32Array<ArrayBuffer>,
  ];
  let size = 0;
  const grow = () => {
    [first, counts, hashes] = [doubled(first), doubled(counts), doubled(hashes)];
    slots = new Uint32Array(2 * slots.length);
    const mask = slots.length - 1;
    for (let code = 0; code < size; code++) {
      let slot = (hashes[code] ?? 0) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = code + 1;
    }
  };
  for (let row = 0; row < rows; row++) {
    table.locate(row, place, one);
    const hash = hashOf(one);
    const mask = slots.length - 1;
    let slot = hash & mask;
    let code = -1;
    for (let entry = slots[slot] ?? 0; entry !== 0; entry = slots[slot] ?? 0) {
      if (hashes[entry - 1] === hash) {
        table.locate(first[entry - 1] ?? 0, place, other);
        if (areEqual(one, other)) {
          code = entry - 1;
          break;
        }
      }
      slot = (slot + 1) & mask;
    }
    if (code < 0) {
      code = size++;
      slots[slot] = code + 1;
      first[code] = row;
      hashes[code] = hash;
      if (size === first.length) grow();
    }
    codes[row] = code;
    counts[code] = (counts[code] ?? 0) + 1;
  }
  return createColumn(table, place, { codes, first, counts: counts.slice(0, size) });
}

function createColumn(
  table: Table,
  place: number,
  { codes, first, counts }: Pick<Column, 'codes' | 'counts'> & { readonly first: Uint32Array },
): Column {
  const name = table.columns[place] ?? '';
  return { name, codes, counts, text: (code) => table.text(first[code] ?? 0, place) };
}

function doubled(values: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * values.length);
  larger.set(values);
  return larger;
}

/** A number of 32 bits for the bytes of a span: FNV-1a with a last stir, because the lowest bits choose the slot. */
export function hashOf({ bytes, start, end }: Span): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
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
function decimalOf({ bytes, start, end }: Span): number {
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

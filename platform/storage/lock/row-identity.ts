import { type Digest, digestJson } from '../../lib/hash.ts';
import { isMissingWord } from '../../lib/missing-words.ts';

/**
 * What a row of a table is: the digest of its cells, whatever their order. It is the same however a program writes
 * gaps (`NA`, an empty cell), decimals (`1`, `1.0`) and line breaks, and after a column was added in which the row has
 * nothing. Columns that by their names only count the rows, as R and pandas write them, are left out: they change when
 * rows are added.
 */
export function digestRow(row: Readonly<Record<string, string>>): Digest {
  const cells = Object.entries(row)
    .filter(([column]) => !countsRows(column))
    .map(([column, cell]): [string, string] => [column, plainCell(cell)])
    .filter(([, cell]) => cell !== '');
  return digestJson(Object.fromEntries(cells));
}

const rowNumbers =
  /^$|^(unnamed: ?\d+|row([ _.]?(names?|number|no|nr|index))?|index|idx|no\.?|nr\.?|number|#)$/i;
/** Whether a column by its name only counts the rows. */
export function countsRows(column: string): boolean {
  return rowNumbers.test(column);
}

const decimal = /^([+-]?\d+)\.(\d*?)0*$/;

/** A cell as it counts for what a row is: '' for a gap. */
export function plainCell(cell: string): string {
  if (isMissingWord(cell)) return '';
  const [, whole, fraction] = decimal.exec(cell) ?? [];
  if (whole !== undefined) return fraction ? `${whole}.${fraction}` : whole;
  return cell.replace(/\r\n?/g, '\n');
}

/** Bytes of a digest. */
export const digestLength = 32;
const shownBytes = 8;

/** A row as an example: what it is, and what it is called. */
export interface NamedRow {
  /** Its position in the table, from 0. */
  readonly row: number;
  readonly digest: Digest;
  readonly id: string;
}

/**
 * Orders rows by their digests and names them; equal ones are numbered.
 *
 * @param digests as `digestRows` gives them @returns sorted by name
 */
export function nameRows(digests: Uint8Array): NamedRow[] {
  const seen = new Map<string, number>();
  const [toDigest, toName] = [createDigestText(), createHex('row-', shownBytes)];
  let before = '';
  const named = Array.from(sortByDigest(digests), (row): NamedRow => {
    const name = toName(digests, row * digestLength);
    const digest = toDigest(digests, row * digestLength);
    const times = name === before ? (seen.get(name) ?? 1) + 1 : 1;
    if (times > 1) seen.set(name, times);
    before = name;
    return { row, digest, id: times === 1 ? name : `${name}-${times}` };
  });
  // As text, the tenth of equal rows comes before the second.
  return seen.size === 0 ? named : named.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Writes a digest of 32 bytes as text. */
export function createDigestText(): (bytes: Uint8Array, from: number) => Digest {
  return createHex('sha256:', digestLength);
}

const hexDigits = Buffer.from('0123456789abcdef');

/** Writes bytes in hexadecimal digits behind a word, as one text: parts that are joined would take twice the memory. */
function createHex<Word extends string>(
  word: Word,
  length: number,
): (bytes: Uint8Array, from: number) => `${Word}${string}` {
  const text = Buffer.alloc(word.length + 2 * length, word);
  return (bytes, from) => {
    let to = word.length;
    for (let at = from; at < from + length; at++) {
      const byte = bytes[at] ?? 0;
      text[to++] = hexDigits[byte >> 4] ?? 0;
      text[to++] = hexDigits[byte & 15] ?? 0;
    }
    return text.toString('latin1') as `${Word}${string}`;
  };
}

/** A sorted number holds the first 28 bits of a digest before the position of its row. */
const positions = 2 ** 24;

/**
 * Positions of digests in their order; equal ones in the order in which they stand. Numbers are sorted many times faster
 * than anything else: digests that begin alike are put in order afterwards.
 */
function sortByDigest(digests: Uint8Array): Uint32Array {
  const bytes = Buffer.from(digests.buffer, digests.byteOffset, digests.byteLength);
  const keys = Float64Array.from({ length: bytes.length / digestLength }, (_, row) => {
    return (bytes.readUInt32BE(row * digestLength) >>> 4) * positions + row;
  }).sort();
  const rows = Uint32Array.from(keys, (key) => key % positions);
  const headOf = (place: number) => Math.floor((keys[place] ?? -1) / positions);
  for (let first = 0; first < rows.length; ) {
    let end = first + 1;
    while (headOf(end) === headOf(first)) end++;
    if (end - first > 1) sortAlike(rows.subarray(first, end), bytes);
    first = end;
  }
  return rows;
}

function sortAlike(rows: Uint32Array, digests: Buffer): void {
  const at = (row: number) => digests.subarray(row * digestLength, (row + 1) * digestLength);
  rows.sort((a, b) => Buffer.compare(at(a), at(b)) || a - b);
}

import { canonicalJson } from '../../platform/lib/canonical-json.ts';
import { parseValue } from '../../platform/lib/json.ts';
import { decodeLines, encodeLines } from '../../platform/lib/json-lines.ts';
import { parseJsonText } from '../../platform/lib/json-text.ts';
import { PreparedIndex, PreparedRow } from '../../platform/schemas/index.ts';

/** What the bytes of an index are: its first line is everything but the rows, each further line is a row. */
export const indexMediaType = 'application/x-ndjson';

/** The bytes of an index; equal indices whose columns stand alike give equal bytes. */
export function encodeIndex(index: PreparedIndex): Uint8Array {
  return encodeLines(linesOf(index));
}

/** One by one: a million rows would be as much again in memory. Columns stand as in the table. */
function* linesOf({ rows, ...head }: PreparedIndex): Generator<string> {
  yield canonicalJson(head);
  for (const { id, row, digest, content, split, label, metadata } of rows) {
    yield JSON.stringify({ content, digest, id, label, metadata, row, split });
  }
}

/**
 * Parses an index; earlier versions wrote it as one line with its rows in it.
 *
 * @param what names it in an error @throws MainstemError JSON_INVALID
 */
export function decodeIndex(bytes: Uint8Array, what: string): PreparedIndex {
  const lines = decodeLines(bytes);
  const head = parseJsonText(lines.next().value ?? '', what);
  if (isWhole(head)) return parseValue(head, PreparedIndex, what);
  const index = parseValue({ ...Object(head), rows: [] }, PreparedIndex, what);
  for (const line of lines) {
    const place = `${what}, row ${index.rows.length + 1}`;
    index.rows.push(parseValue(parseJsonText(line, place), PreparedRow, place));
  }
  return index;
}

function isWhole(head: unknown): boolean {
  return typeof head === 'object' && head !== null && 'rows' in head;
}

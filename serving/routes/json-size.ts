import { MainstemError } from '../../platform/lib/errors.ts';

/** No body that a route reads is nested deeper: a tensor has at most 8 dimensions. */
const deepest = 16;

const quote = 0x22;
const backslash = 0x5c;
/** What each byte means for the count: nothing for most of them, hence a table. */
const meanings = new Uint8Array(256);
const [text, separator, opening, closing] = [1, 2, 3, 4];
meanings[quote] = text;
meanings[0x2c] = separator;
for (const bracket of Buffer.from('[{')) meanings[bracket] = opening;
for (const bracket of Buffer.from(']}')) meanings[bracket] = closing;

/**
 * Counts the values of JSON text before it is parsed, up to the limit: a list of a million numbers is small as text, but
 * takes seconds and gigabytes to build and check. Faulty JSON is left to the parser.
 *
 * @throws MainstemError REQUEST_TOO_MANY, REQUEST_INVALID for deep nesting
 * @example assertJsonSize(Buffer.from('[1, 2, 3]'), { values: 2 }) // throws
 */
export function assertJsonSize(bytes: Buffer, limits: { readonly values: number }): void {
  let values = 1;
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const meaning = meanings[bytes[at] ?? 0];
    if (meaning === 0) continue;
    if (meaning === text) at = endOfText(bytes, at);
    else if (meaning === separator) values += 1;
    else if (meaning === closing) depth -= 1;
    else {
      values += 1;
      depth += 1;
    }
    if (values > limits.values) {
      throw new MainstemError('REQUEST_TOO_MANY', { limit: limits.values, unit: 'values' });
    }
    if (depth > deepest) {
      const reason = `its JSON is nested deeper than ${deepest} levels`;
      throw new MainstemError('REQUEST_INVALID', { reason });
    }
  }
}

/** The place of the quote that ends a text; the end of the bytes if there is none. */
function endOfText(bytes: Buffer, start: number): number {
  let end = start;
  do {
    end = bytes.indexOf(quote, end + 1);
    if (end === -1) return bytes.length;
  } while (backslashesBefore(bytes, end) % 2 === 1);
  return end;
}

function backslashesBefore(bytes: Buffer, at: number): number {
  let first = at;
  while (bytes[first - 1] === backslash) first -= 1;
  return at - first;
}

/** So many lines become text at once: one text of them all would be longer than a string can be. */
const linesAtOnce = 10_000;

/**
 * Lines of text as UTF-8, each with a line feed after it.
 *
 * @param lines without line feeds, as JSON is @example encodeLines(['{"a":1}', '{"a":2}'])
 */
export function encodeLines(lines: Iterable<string>): Uint8Array {
  const parts: Buffer[] = [];
  let waiting: string[] = [];
  const flush = () => {
    parts.push(Buffer.from(waiting.join('')));
    waiting = [];
  };
  for (const line of lines) {
    waiting.push(`${line}\n`);
    if (waiting.length === linesAtOnce) flush();
  }
  flush();
  return Buffer.concat(parts);
}

/**
 * The lines of a UTF-8 text one by one, without empty ones.
 *
 * @example [...decodeLines(encodeLines(['a', 'b']))] // ['a', 'b']
 */
export function* decodeLines(bytes: Uint8Array): Generator<string> {
  for (const { line } of numberLines(bytes)) yield line;
}

/**
 * The same, each with its place in the file, which counts empty lines, too.
 *
 * @example [...numberLines(Buffer.from('a\n\nb'))] // [{ number: 1, line: 'a' }, { number: 3, line: 'b' }]
 */
export function* numberLines(
  bytes: Uint8Array,
): Generator<{ readonly number: number; readonly line: string }> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = 0, number = 1; start < text.length; number++) {
    const found = text.indexOf('\n', start);
    const end = found === -1 ? text.length : found;
    if (end > start) yield { number, line: text.toString('utf8', start, end) };
    start = end + 1;
  }
}

/** A place in a text, both from 1; columns are UTF-16 code units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end';

const blanks = /[ \t\r\n]*/y;
const literal = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;
const escaped = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

/**
 * Where JSON text stops being JSON, which `JSON.parse` does not say for most faults; null if it is valid.
 *
 * @example findJsonFault('{\n  "mass": 3750,\n}') // { line: 3, column: 1 }
 */
export function findJsonFault(text: string): Place | null {
  const ends: ('}' | ']')[] = [];
  let expected: Expected | 'nothing' = 'value';
  let at = 0;
  for (;;) {
    at = endOf(blanks, text, at) ?? at;
    const character = text[at];
    if (character === undefined) return expected === 'nothing' ? null : placeOf(text, at);
    const step = readToken(text, at, expected, ends);
    if ('fault' in step) return placeOf(text, step.fault);
    at = step.end;
    expected = step.next ?? (ends.length > 0 ? 'comma or end' : 'nothing');
  }
}

/** What follows a token; `next` is left out after a whole value. */
type Step = { readonly end: number; readonly next?: Expected } | { readonly fault: number };

/** Reads one token. @param ends what closes the objects and arrays around it; changed. */
function readToken(
  text: string,
  at: number,
  expected: Expected | 'nothing',
  ends: ('}' | ']')[],
): Step {
  const character = text[at];
  if (expected.endsWith('or end') && character === ends.at(-1)) {
    ends.pop();
    return { end: at + 1 };
  }
  if (expected === 'colon')
    return character === ':' ? { end: at + 1, next: 'value' } : { fault: at };
  if (expected === 'comma or end') {
    const next = ends.at(-1) === '}' ? 'key' : 'value';
    return character === ',' ? { end: at + 1, next } : { fault: at };
  }
  if (expected === 'nothing') return { fault: at };
  if (character === '"') {
    const isKey = expected.startsWith('key');
    const read = readText(text, at);
    return isKey && 'end' in read ? { ...read, next: 'colon' } : read;
  }
  return expected.startsWith('value') ? readValue(text, at, ends) : { fault: at };
}

function readValue(text: string, at: number, ends: ('}' | ']')[]): Step {
  if (text[at] === '{') {
    ends.push('}');
    return { end: at + 1, next: 'key or end' };
  }
  if (text[at] === '[') {
    ends.push(']');
    return { end: at + 1, next: 'value or end' };
  }
  const end = endOf(literal, text, at);
  return end === null ? { fault: at } : { end };
}

function readText(text: string, start: number): Step {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') {
    if (text.charCodeAt(at) < 0x20) return { fault: at };
    const end = text[at] === '\\' ? endOf(escaped, text, at) : at + 1;
    if (end === null) return { fault: at };
    at = end;
  }
  return at < text.length ? { end: at + 1 } : { fault: at };
}

function endOf(sticky: RegExp, text: string, at: number): number | null {
  sticky.lastIndex = at;
  return sticky.test(text) ? sticky.lastIndex : null;
}

function placeOf(text: string, at: number): Place {
  const lines = text.slice(0, at).split(/\r\n|\r|\n/);
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

import { MainstemError } from './errors.ts';
import { findTextFault, mostDepth } from './find-text-fault.ts';
import { parseMergeConflict } from './merge-conflict.ts';
import { shorten } from './text.ts';

/**
 * Parses JSON text without checking what it holds. Refused are a number that is read as infinite, which no JSON can hold, a key
 * that an object has twice, since it is what a hasty merge leaves, and of two values one would be ignored, and what lies so deep
 * that nobody could walk through it.
 *
 * @param what names the text in an error: a path, for example.
 * @throws MainstemError JSON_INVALID; MERGE_CONFLICT if git has left markers in it
 */
export function parseJsonText(text: string, what: string): unknown {
  const value = parse(text, what);
  const fault = describeTextFault(text) ?? describeOverflow(text);
  if (fault === null) return value;
  throw new MainstemError('JSON_INVALID', { path: what, reason: fault });
}

function describeTextFault(text: string): string | null {
  const fault = findTextFault(text);
  if (!fault) return null;
  if ('tooDeep' in fault)
    return `it has more than ${mostDepth} lists and objects within each other, on line ${fault.tooDeep}`;
  const { key, first, second } = fault;
  const lines = first === second ? `on line ${first}` : `on the lines ${first} and ${second}`;
  return `the key ${JSON.stringify(key)} is there twice, ${lines}`;
}

function describeOverflow(text: string): string | null {
  const overflow = mayOverflow.test(text) ? findOverflow(text) : undefined;
  return overflow === undefined
    ? null
    : `the number ${overflow} is beyond 1.8e308, the largest there is`;
}

/** An exponent of three digits, or as many digits as only numbers have that are too large. */
const mayOverflow = /\d[eE]\+?\d{3}|\d{300}/;

/** The first number of a JSON text that is read as infinite, as it is written there. */
function findOverflow(text: string): string | undefined {
  const found: string[] = [];
  JSON.parse(text, (_, value: unknown, context?: { readonly source?: string }) => {
    if (typeof value === 'number' && !Number.isFinite(value))
      found.push(shorten(context?.source ?? String(value), 40));
    return value;
  });
  return found[0];
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const conflict = parseMergeConflict(text);
    if (conflict) {
      const { ours, theirs } = conflict;
      throw new MainstemError('MERGE_CONFLICT', { path: what, ours, theirs }, { cause });
    }
    const message = cause instanceof Error ? cause.message : String(cause);
    const reason = findEncodingFault(text) ?? message;
    throw new MainstemError('JSON_INVALID', { path: what, reason }, { cause });
  }
}

/** Why a text that was read as UTF-8 begins wrong. Each byte of a UTF-16 mark became a replacement character. */
function findEncodingFault(text: string): string | undefined {
  if (text.startsWith('\ufeff'))
    return 'it begins with a byte order mark; save the file as "UTF-8", not as "UTF-8 with BOM"';
  if (text.startsWith('\ufffd\ufffd') || text.slice(0, 4).includes('\0'))
    return 'the text is UTF-16, not UTF-8; save the file as "UTF-8"';
  return undefined;
}

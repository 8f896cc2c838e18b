import type { Static, TSchema } from 'typebox';
import { isMainstemError, type MainstemError } from './errors.ts';
import { parseJson } from './json.ts';

/**
 * Parses JSON that a program of ours has written, where damage counts as absence.
 *
 * @param what as {@link parseJson} takes it
 * @returns null for what is cut off, was changed by somebody, or holds the markers of a merge
 * @example parseIntact('{"port": 80', Type.Object({ port: Type.Integer() }), 'the settings') // null
 */
export function parseIntact<T extends TSchema>(
  text: string,
  schema: T,
  what: string,
): Static<T> | null {
  return ifIntact(() => parseJson(text, schema, what));
}

/** What some reading gives; null where it finds JSON that is damaged. */
export function ifIntact<Result>(read: () => Result): Result | null {
  try {
    return read();
  } catch (error) {
    if (isDamagedJson(error)) return null;
    throw error;
  }
}

/** Whether an error says that a text is not the JSON that it should be. */
export function isDamagedJson(error: unknown): error is MainstemError {
  return isMainstemError(error, 'JSON_INVALID') || isMainstemError(error, 'MERGE_CONFLICT');
}

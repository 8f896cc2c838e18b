import { MainstemError } from './errors.ts';
import { parseMergeConflict } from './merge-conflict.ts';

/**
 * Parses JSON text without checking what it holds.
 *
 * @param what names the text in an error: a path, for example.
 * @throws MainstemError JSON_INVALID; MERGE_CONFLICT if git has left markers in it
 */
export function parseJsonText(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const conflict = parseMergeConflict(text);
    if (conflict) {
      const { ours, theirs } = conflict;
      throw new MainstemError('MERGE_CONFLICT', { path: what, ours, theirs }, { cause });
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MainstemError('JSON_INVALID', { path: what, reason }, { cause });
  }
}

/**
 * What an error of another program says in its first line; those below mostly repeat it, or show where.
 *
 * @example firstLine(new Error('no such table\n  at line 3')) // 'no such table'
 */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? '';
}

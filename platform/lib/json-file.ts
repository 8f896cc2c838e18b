import type { Static, TSchema } from 'typebox';
import { writeFileAtomic } from './files.ts';
import { parseVersioned } from './parse-versioned.ts';
import { readText } from './read-text.ts';

/**
 * Reads a JSON file and checks it; one of another version than its schema is named as such.
 *
 * @throws MainstemError FILE_UNREADABLE, JSON_INVALID
 */
export async function readJson<T extends TSchema>(path: string, schema: T): Promise<Static<T>> {
  return parseVersioned(await readText(path), schema, path);
}

/** Writes a value as indented JSON with a final newline, whole or not at all. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

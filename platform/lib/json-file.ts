import type { Static, TSchema } from 'typebox';
import { writeFileAtomic } from './files.ts';
import { parseJson } from './json.ts';
import { readText } from './read-text.ts';

/** Reads a JSON file and checks it. @throws MainstemError FILE_UNREADABLE, JSON_INVALID */
export async function readJson<T extends TSchema>(path: string, schema: T): Promise<Static<T>> {
  return parseJson(await readText(path), schema, path);
}

/** Writes a value as indented JSON with a final newline, whole or not at all. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

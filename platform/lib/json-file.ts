import { readFile } from 'node:fs/promises';
import type { Static, TSchema } from 'typebox';
import { MainstemError } from './errors.ts';
import { writeFileAtomic } from './files.ts';
import { parseJson } from './json.ts';

/** Reads a JSON file and checks it. @throws MainstemError FILE_UNREADABLE, JSON_INVALID */
export async function readJson<T extends TSchema>(path: string, schema: T): Promise<Static<T>> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new MainstemError('FILE_UNREADABLE', { path, reason: cause.code }, { cause });
  });
  return parseJson(text, schema, path);
}

/** Writes a value as indented JSON with a final newline, whole or not at all. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

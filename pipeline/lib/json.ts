import { readFile } from 'node:fs/promises';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { MainstemError } from './errors.ts';
import { writeFileAtomic } from './files.ts';

export { canonicalJson } from './canonical-json.ts';

/** Reads a JSON file and checks it. @throws MainstemError FILE_UNREADABLE, JSON_INVALID */
export async function readJson<T extends TSchema>(path: string, schema: T): Promise<Static<T>> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new MainstemError('FILE_UNREADABLE', { path, reason: cause.code }, { cause });
  });
  return parseJson(text, schema, path);
}

/** Parses JSON text and checks it. @param path what to call the text in an error. @throws JSON_INVALID */
export function parseJson<T extends TSchema>(text: string, schema: T, path: string): Static<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new MainstemError('JSON_INVALID', { path, reason: (cause as Error).message }, { cause });
  }
  return checkJson(value, schema, path);
}

/** Checks an unknown value against a schema. @throws MainstemError JSON_INVALID naming the first bad place */
export function checkJson<T extends TSchema>(value: unknown, schema: T, path: string): Static<T> {
  const check = compiled(schema);
  if (check.Check(value)) return value as Static<T>;
  const [first] = check.Errors(value);
  const where = first?.instancePath || 'the whole value';
  throw new MainstemError('JSON_INVALID', {
    path,
    reason: `${where} ${first?.message ?? 'is wrong'}`,
  });
}

/** Writes a value as indented JSON with a final newline, whole or not at all. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

const validators = new WeakMap<TSchema, ReturnType<typeof Compile>>();

function compiled(schema: TSchema): ReturnType<typeof Compile> {
  const known = validators.get(schema);
  if (known) return known;
  const fresh = Compile(schema);
  validators.set(schema, fresh);
  return fresh;
}

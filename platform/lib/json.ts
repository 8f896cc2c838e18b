import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { MainstemError } from './errors.ts';
import { parseJsonText } from './json-text.ts';

/**
 * Parses JSON text and checks it against a schema.
 *
 * @param what names the text in an error: a path, for example.
 * @throws MainstemError JSON_INVALID naming the first wrong place; MERGE_CONFLICT
 * @example parseJson('{"port": 8080}', Type.Object({ port: Type.Integer() }), 'the settings') // { port: 8080 }
 */
export function parseJson<T extends TSchema>(text: string, schema: T, what: string): Static<T> {
  return parseValue(parseJsonText(text, what), schema, what);
}

/**
 * Returns an unknown value with the type of its schema.
 *
 * @param what names the value in an error: a path, for example.
 * @throws MainstemError JSON_INVALID naming the first wrong place
 * @example parseValue(await response.json(), Version, url).models.length // 2
 */
export function parseValue<T extends TSchema>(value: unknown, schema: T, what: string): Static<T> {
  const check = compiled(schema);
  if (check.Check(value)) return value as Static<T>;
  const [first] = check.Errors(value);
  const where = first?.instancePath || 'the whole value';
  throw new MainstemError('JSON_INVALID', {
    path: what,
    reason: `${where} ${first?.message ?? 'is wrong'}`,
  });
}

const validators = new WeakMap<TSchema, ReturnType<typeof Compile>>();

function compiled(schema: TSchema): ReturnType<typeof Compile> {
  const known = validators.get(schema);
  if (known) return known;
  const fresh = Compile(schema);
  validators.set(schema, fresh);
  return fresh;
}

import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
import { MainstemError } from './errors.ts';
import { parseJsonText } from './json-text.ts';
import { leftOutText } from './schema-fault.ts';

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
  const first = firstError(check, value);
  const where = first?.instancePath || 'the whole value';
  throw new MainstemError('JSON_INVALID', {
    path: what,
    reason: `${where} ${wordsOf(schema, first)}`,
  });
}

/** The library says of a key that a closed object does not have that its schema is false. */
function wordsOf(schema: TSchema, error: TLocalizedValidationError | undefined): string {
  if (error?.keyword === 'boolean') return `must be ${leftOutText(schema, error)}`;
  return error?.message ?? 'is wrong';
}

type Validator = ReturnType<typeof Compile>;

/**
 * The first error of a value that fails its check. TypeBox looks for further errors in every element even when it
 * keeps only the first few, which takes seconds for a million elements: hence beginnings of growing length.
 */
function firstError(check: Validator, value: unknown) {
  for (let length = 100; ; length *= 10) {
    const beginning = shorten(value, length);
    if (beginning.whole || !check.Check(beginning.value)) return check.Errors(beginning.value)[0];
  }
}

/** A value with only the first `length` elements and properties of every array and object in its upper levels. */
function shorten(
  value: unknown,
  length: number,
  levels = 8,
): { readonly value: unknown; readonly whole: boolean } {
  if (typeof value !== 'object' || value === null || levels === 0) return { value, whole: true };
  const all = Object.entries(Array.isArray(value) ? value.slice(0, length + 1) : value);
  const parts = all
    .slice(0, length)
    .map(([key, part]) => [key, shorten(part, length, levels - 1)] as const);
  const whole = all.length <= length && parts.every(([, part]) => part.whole);
  const entries = parts.map(([key, part]) => [key, part.value] as const);
  if (!Array.isArray(value)) return { value: Object.fromEntries(entries), whole };
  return { value: entries.map(([, part]) => part), whole };
}

const validators = new WeakMap<TSchema, Validator>();

function compiled(schema: TSchema): Validator {
  const known = validators.get(schema);
  if (known) return known;
  const fresh = Compile(schema);
  validators.set(schema, fresh);
  return fresh;
}

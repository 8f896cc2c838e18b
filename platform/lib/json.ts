import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { MainstemError } from './errors.ts';

/**
 * JSON with sorted keys and no spaces, so that equal values give equal bytes (RFC 8785 for the values we
 * use: finite numbers, strings, booleans, null, arrays, plain objects). `undefined` members are left out.
 *
 * @throws TypeError for a number that JSON cannot hold (NaN, Infinity).
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new TypeError(`${value} has no JSON form`);
  }
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
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

const validators = new WeakMap<TSchema, ReturnType<typeof Compile>>();

function compiled(schema: TSchema): ReturnType<typeof Compile> {
  const known = validators.get(schema);
  if (known) return known;
  const fresh = Compile(schema);
  validators.set(schema, fresh);
  return fresh;
}

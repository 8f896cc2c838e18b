import type { TSchema } from 'typebox';
import { Errors } from 'typebox/value';

/** The first place where a value violates its schema, in words. */
export interface SchemaFault {
  /** For example `augmentation.flip`; `the whole value` if that is at fault. */
  readonly key: string;
  /** What was found there, as JSON; `missing` if there is nothing. */
  readonly value: string;
  /** Completes the sentence "must be …". */
  readonly allowed: string;
}

/**
 * Finds the first fault in a value that a person wrote; null if there is none.
 *
 * @example findSchemaFault(Type.Object({ epochs: Type.Integer({ minimum: 1 }) }), { epochs: 0 })
 * // { key: 'epochs', value: '0', allowed: '>= 1' }
 * @example findSchemaFault(Type.String({ pattern: '^[a-z]+$', allowed: 'small letters' }), 'A')?.allowed // 'small letters'
 */
export function findSchemaFault(schema: TSchema, value: unknown): SchemaFault | null {
  const errors = Errors(schema, value);
  // A misspelt key shows up as an unknown and a missing one; the unknown one says what to fix.
  const first = errors.find(isUnknownKey) ?? errors[0];
  if (!first) return null;
  const missing =
    'requiredProperties' in first.params ? (first.params.requiredProperties[0] ?? '') : '';
  const keys = [...first.instancePath.split('/').slice(1), missing].filter(Boolean);
  const allowed = allowedText(schema, first, errors);
  return {
    key: keys.join('.') || 'the whole value',
    value: shortJson(follow(value, keys)),
    allowed,
  };
}

type SchemaError = ReturnType<typeof Errors>[number];

function isUnknownKey({ keyword, schemaPath }: SchemaError): boolean {
  return keyword === 'boolean' && !schemaPath.includes('/anyOf/');
}

function allowedText(schema: TSchema, first: SchemaError, errors: readonly SchemaError[]): string {
  if (first.keyword === 'boolean') return leftOutText(schema, first);
  if (first.keyword === 'required') return 'given';
  if ('allowedValues' in first.params) return oneOf(first.params.allowedValues);
  const choices = errors
    .filter(({ instancePath }) => instancePath === first.instancePath)
    .flatMap(({ params }) => ('allowedValue' in params ? [params.allowedValue] : []));
  if (choices.length > 0) return oneOf(choices);
  // What a person should write can be said better beside the rule than from it.
  const words: unknown = Reflect.get(
    Object(follow(schema, first.schemaPath.split('/').slice(1))),
    'allowed',
  );
  return typeof words === 'string' ? words : limitText(first);
}

function oneOf(choices: readonly unknown[]): string {
  return `one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`;
}

/** Names the known keys at the place of an unknown one. */
export function leftOutText(
  schema: TSchema,
  { schemaPath }: Pick<SchemaError, 'schemaPath'>,
): string {
  const siblings = follow(schema, [...schemaPath.split('/').slice(1, -1), 'properties']);
  const known = Object.keys(siblings ?? {}).join(', ');
  return known === '' ? 'left out' : `left out: known are ${known}`;
}

function limitText({ keyword, params, message }: SchemaError): string {
  const limit = 'limit' in params ? Number(params.limit) : 0;
  const most = keyword.startsWith('max');
  if (/^(min|max)(Items|Length)$/.test(keyword)) {
    const [whole, unit] = keyword.endsWith('Items') ? ['a list', 'item'] : ['text', 'character'];
    return `${whole} of at ${most ? 'most' : 'least'} ${limit} ${unit}${limit === 1 ? '' : 's'}`;
  }
  if (message === 'must be object') return 'an object';
  if (keyword === 'pattern' && 'pattern' in params) return `text that matches ${params.pattern}`;
  return message.startsWith('must be ') ? message.slice(8) : `such that it ${message}`;
}

function follow(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (part, key) => (part as Record<string, unknown> | null | undefined)?.[key],
    value,
  );
}

function shortJson(value: unknown): string {
  const text = typeof value === 'function' ? 'a function' : toJson(value);
  if (text === undefined) return 'missing';
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** JSON has no word for a number beyond the largest, nor for what a module may hold: bigints, and what holds itself. */
function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_, part) =>
      typeof part === 'bigint' || (typeof part === 'number' && !Number.isFinite(part))
        ? String(part)
        : part,
    )?.replaceAll(/"(-?Infinity|NaN)"/g, '$1');
  } catch {
    return 'what no JSON can hold';
  }
}

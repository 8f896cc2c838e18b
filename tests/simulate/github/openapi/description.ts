import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Compile } from 'typebox/schema';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

interface Operation {
  readonly query: readonly string[];
  readonly request: Schema | null;
  readonly responses: Readonly<Record<string, Schema | null>>;
}

interface Excerpt {
  readonly source: string;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly schemas: Readonly<Record<string, Schema>>;
}

const excerpt: Excerpt = JSON.parse(
  readFileSync(join(import.meta.dirname, 'excerpt.json'), 'utf8'),
);

/** Names of the operations that the excerpt of GitHub's description holds, as `GET /repos/{owner}/{repo}`. */
export const describedOperations: readonly string[] = Object.keys(excerpt.operations);

/** What a request has that GitHub does not describe; empty where it is right. */
export function checkRequest(name: string, query: URLSearchParams, body: unknown): string[] {
  const operation = operationOf(name);
  const unknown = [...query.keys()].filter((key) => !operation.query.includes(key));
  const wrong = operation.request === null ? [] : errorsOf(operation.request, body);
  return [
    ...unknown.map((key) => `${name}: the query has no "${key}"`),
    ...wrong.map((error) => `${name}: the request ${error}`),
  ];
}

/** What an answer has that GitHub does not describe; empty where it is right. */
export function checkAnswer(name: string, status: number, body: unknown): string[] {
  const { responses } = operationOf(name);
  const schema = responses[status];
  // Errors that every operation may answer are not listed with each.
  if (schema === undefined) {
    return status === 401 || status === 403 || status === 404 || status === 422 || status === 405
      ? []
      : [`${name}: GitHub does not answer with ${status}`];
  }
  return schema === null
    ? []
    : errorsOf(schema, body).map((error) => `${name}: the answer ${error}`);
}

/** An answer with what the description requires beside the fields that matter, filled in with neutral values. */
export function completeAnswer(name: string, status: number, body: unknown): unknown {
  const schema = operationOf(name).responses[status];
  return schema ? complete(schema, body) : body;
}

function operationOf(name: string): Operation {
  const operation = excerpt.operations[name];
  if (!operation) throw new Error(`The excerpt of GitHub's description has no ${name}.`);
  return operation;
}

const validators = new Map<Schema, ReturnType<typeof Compile>>();

function errorsOf(schema: Schema, value: unknown): string[] {
  const validator = validators.get(schema) ?? compile(schema);
  validators.set(schema, validator);
  if (validator.Check(value)) return [];
  const [, errors] = validator.Errors(value);
  return errors.slice(0, 5).map((error) => `at ${error.instancePath || '/'} ${error.message}`);
}

function compile(schema: Schema): ReturnType<typeof Compile> {
  return Compile({ ...schema, $defs: excerpt.schemas });
}

function complete(given: Schema, value: unknown): unknown {
  const schema = resolve(given);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return completeChoice(choices, value);
  if (schema.allOf) return schema.allOf.reduce((so, part) => complete(part, so), value);
  if (schema.properties && (value === undefined || isObject(value))) {
    return completeObject(schema, value ?? {});
  }
  if (schema.items && Array.isArray(value)) {
    const { items } = schema;
    return value.map((item) => complete(items, item));
  }
  return value === undefined ? sample(schema) : value;
}

function resolve(schema: Schema): Schema {
  const name = schema.$ref?.replace('#/$defs/', '');
  return name === undefined ? schema : (excerpt.schemas[name] ?? schema);
}

/** Null where it may be missing, otherwise the first choice that the value fits. */
function completeChoice(choices: readonly Schema[], value: unknown): unknown {
  const nullable = choices.some(({ type }) => type === 'null');
  if (nullable && (value === undefined || value === null)) return null;
  const tried = choices
    .filter(({ type }) => type !== 'null')
    .map((schema) => ({ schema, whole: complete(schema, value) }));
  const fits = tried.find(({ schema, whole }) => errorsOf(schema, whole).length === 0);
  return (fits ?? tried[0])?.whole;
}

function completeObject(schema: Schema, value: Readonly<Record<string, unknown>>): unknown {
  const names = new Set([...(schema.required ?? []), ...Object.keys(value)]);
  return Object.fromEntries(
    [...names].map((name) => {
      const property = schema.properties?.[name];
      return [name, property ? complete(property, value[name]) : value[name]];
    }),
  );
}

function sample(schema: Schema): unknown {
  if (schema.enum) return schema.enum[0];
  switch (schema.type) {
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return false;
    case 'array':
      return [];
    case 'string':
      return sampleText(schema.format);
    default:
      return {};
  }
}

function sampleText(format: string | undefined): string {
  if (format === 'date-time') return '2026-11-26T08:00:00Z';
  if (format === 'uri') return 'https://github.example/';
  return format === 'email' ? 'jen@example.org' : '';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

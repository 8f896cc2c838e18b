// Cuts from GitHub's published OpenAPI description what the stand-in's routes need: their requests, their answers and
// the schemas that these name. The whole description has 13 MB and its package 480 MB, so it is not a dependency.
//   npm pack @octokit/openapi@23.0.2 && tar xzf octokit-openapi-23.0.2.tgz
//   npx mainstem --exec node tests/simulate/github/openapi/extract.ts package/generated/api.github.com.json
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { routes } from '../routes/index.ts';

type Json = Readonly<Record<string, unknown>>;

interface Description {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Json;
    readonly responses: Readonly<Record<string, Content>>;
    readonly parameters: Readonly<Record<string, Parameter>>;
  };
}

interface Operation {
  readonly parameters?: readonly (Parameter & { readonly $ref?: string })[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content & { readonly $ref?: string }>>;
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: unknown }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
}

const source = process.argv[2];
if (source === undefined) throw new Error('Usage: extract.ts <api.github.com.json>');
const description: Description = JSON.parse(readFileSync(source, 'utf8'));
const operations = Object.fromEntries(routes.map(({ method, path }) => excerpt(method, path)));
const text = JSON.stringify(
  { source: `@octokit/openapi ${description.info.version}`, operations, schemas: reachable() },
  null,
  1,
);
writeFileSync(join(import.meta.dirname, 'excerpt.json'), `${text}\n`);

function excerpt(method: string, path: string): [string, Json] {
  const operation = description.paths[path]?.[method.toLowerCase()];
  if (!operation) throw new Error(`GitHub describes no ${method} ${path}`);
  const responses = Object.entries(operation.responses).map(([status, response]) => {
    const named = response.$ref?.split('/').at(-1);
    const { content } = named ? (description.components.responses[named] ?? {}) : response;
    return [status, plain(content?.['application/json']?.schema ?? null)];
  });
  const parameters = (operation.parameters ?? []).map((parameter) => {
    const named = parameter.$ref?.split('/').at(-1);
    return named ? description.components.parameters[named] : parameter;
  });
  const query = parameters.filter((one) => one?.in === 'query').map((one) => one?.name);
  const request = plain(operation.requestBody?.content?.['application/json']?.schema ?? null);
  return [`${method} ${path}`, { query, request, responses: Object.fromEntries(responses) }];
}

/** As plain JSON Schema: words and examples left out, `nullable` written as a choice, references shortened. */
function plain(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(plain);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { nullable, ...fields } = schema as Json;
  const kept = Object.entries(fields).filter(
    ([key, value]) => !isWords(key, value) && !key.startsWith('x-'),
  );
  const result = Object.fromEntries(
    kept.map(([key, value]) => [
      key,
      key === '$ref' ? String(value).replace('#/components/schemas/', '#/$defs/') : plain(value),
    ]),
  );
  return nullable === true ? { anyOf: [{ type: 'null' }, result] } : result;
}

/** A property may itself be called "description"; its value is then a schema. */
function isWords(key: string, value: unknown): boolean {
  if (key === 'example' || key === 'examples')
    return typeof value !== 'object' || key === 'example' || Array.isArray(value);
  return (
    ['description', 'title', 'deprecated', 'externalDocs'].includes(key) &&
    typeof value !== 'object'
  );
}

function reachable(): Json {
  const schemas: Record<string, unknown> = {};
  const visit = (value: unknown): void => {
    const found = JSON.stringify(value).matchAll(/"#\/\$defs\/([^"]+)"/g);
    for (const [, name = ''] of found) {
      if (name in schemas) continue;
      schemas[name] = plain(description.components.schemas[name]);
      visit(schemas[name]);
    }
  };
  visit(operations);
  return Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => a.localeCompare(b)));
}

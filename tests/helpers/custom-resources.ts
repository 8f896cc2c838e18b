import { readFileSync } from 'node:fs';
import { Compile } from 'typebox/schema';
import { parse } from 'yaml';
import { customResourceFiles } from './tools.ts';

/** A resource as it is applied. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: unknown;
}

/** The parts of a CustomResourceDefinition that say what is valid. */
interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: object };
    }[];
  };
}

/**
 * Reads the schemas that operators publish for their own kinds.
 *
 * @returns what is wrong with a resource, as an API server with strict fields would find it: one sentence a fault
 * @throws Error for a kind that no file defines
 */
export function openCustomSchemas(): (resource: Resource) => string[] {
  const schemas = new Map<string, ReturnType<typeof Compile>>();
  for (const path of customResourceFiles) {
    const { spec }: Definition = parse(readFileSync(path, 'utf8'));
    for (const { name, schema } of spec.versions)
      schemas.set(
        `${spec.group}/${name} ${spec.names.kind}`,
        Compile(Object(closed(schema.openAPIV3Schema))),
      );
  }
  return (resource) => {
    const { apiVersion, kind } = resource;
    const schema = schemas.get(`${apiVersion} ${kind}`);
    if (!schema) throw new Error(`No file defines ${apiVersion} ${kind}.`);
    const [, faults] = schema.Errors(resource);
    return faults.map(({ instancePath, message }) => `${kind}${instancePath} ${message}`);
  };
}

/** The same schema, which also refuses fields that it does not name, as strict validation does. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = mapValues(schema, (value, key) => {
    if (key === 'properties') return mapValues(Object(value), closed);
    return key === 'pattern' ? inJavaScript(`${value}`) : closed(value);
  });
  const isOpen =
    !('properties' in schema) ||
    'additionalProperties' in schema ||
    'x-kubernetes-preserve-unknown-fields' in schema;
  return isOpen ? inner : { ...inner, additionalProperties: false };
}

function mapValues(object: object, change: (value: unknown, key: string) => unknown): object {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, change(value, key)]),
  );
}

/** Go lets `(?i)` count for the rest of a pattern; JavaScript wants the rest in the group. */
function inJavaScript(pattern: string): string {
  return pattern.replace(/\(\?i\)(.*)$/, '(?i:$1)');
}

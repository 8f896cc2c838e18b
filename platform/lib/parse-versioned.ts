import type { Static, TSchema } from 'typebox';
import { MainstemError } from './errors.ts';
import { parseValue } from './json.ts';
import { parseJsonText } from './json-text.ts';

/**
 * Parses the text of a file. One that says of which version it is, and is of another than its schema, is named as such, since
 * whatever else differs follows from that.
 *
 * @param what names the text in an error: a path, for example.
 * @throws MainstemError JSON_INVALID; MERGE_CONFLICT
 */
export function parseVersioned<T extends TSchema>(
  text: string,
  schema: T,
  what: string,
): Static<T> {
  const value = parseJsonText(text, what);
  const known = versionOf(schema);
  const found = typeof value === 'object' && value && 'version' in value ? value.version : known;
  if (known !== undefined && typeof found === 'number' && found !== known) {
    const reason = `its version is ${found}, and this Mainstem reads version ${known}: another version of Mainstem wrote it`;
    throw new MainstemError('JSON_INVALID', { path: what, reason });
  }
  return parseValue(value, schema, what);
}

/** The version that a schema is of, if it is of one. */
function versionOf(schema: TSchema): number | undefined {
  const properties: unknown = Reflect.get(schema, 'properties');
  const version: unknown = Reflect.get(Object(properties), 'version');
  const known: unknown = Reflect.get(Object(version), 'const');
  return typeof known === 'number' ? known : undefined;
}

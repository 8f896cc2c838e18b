import type { Static, TLiteral, TObject } from 'typebox';
import { MainstemError } from './errors.ts';
import { parseValue } from './json.ts';
import { parseJsonText } from './json-text.ts';

/**
 * Parses the text of a file that says of which version it is: one of another version is named as such, since whatever else
 * differs follows from that.
 *
 * @param what names the text in an error: a path, for example.
 * @throws MainstemError JSON_INVALID; MERGE_CONFLICT
 */
export function parseVersioned<T extends TObject<{ version: TLiteral<number> }>>(
  text: string,
  schema: T,
  what: string,
): Static<T> {
  const value = parseJsonText(text, what);
  const known = schema.properties.version.const;
  const found = typeof value === 'object' && value && 'version' in value ? value.version : known;
  if (typeof found === 'number' && found !== known) {
    const reason = `its version is ${found}, and this Mainstem reads version ${known}: another version of Mainstem wrote it`;
    throw new MainstemError('JSON_INVALID', { path: what, reason });
  }
  return parseValue(value, schema, what);
}

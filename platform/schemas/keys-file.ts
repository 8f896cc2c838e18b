import { type Static, Type } from 'typebox';
import { MainstemError } from '../lib/errors.ts';
import { parseVersioned } from '../lib/parse-versioned.ts';
import { keyNamePattern, scopes } from './access-names.ts';
import { DigestSchema, nullable } from './atoms.ts';

/** One access key: everything but the key itself. */
export const AccessKey = Type.Object(
  {
    name: Type.String({ pattern: keyNamePattern }),
    digest: DigestSchema,
    scopes: Type.Array(Type.Enum([...scopes]), { minItems: 1 }),
    createdAt: Type.String(),
    /** ISO 8601; null for a key that does not expire. */
    expiresAt: nullable(Type.String()),
    /** Requests a minute; null for as many as the server can answer. */
    rate: nullable(Type.Integer({ minimum: 1 })),
  },
  { additionalProperties: false },
);
export type AccessKey = Static<typeof AccessKey>;

/** Who may call a server: the digests of keys, never a key. */
export const KeysFile = Type.Object(
  { version: Type.Literal(1), keys: Type.Array(AccessKey) },
  { additionalProperties: false },
);
export type KeysFile = Static<typeof KeysFile>;

/**
 * Parses the text of a keys file. No two keys have one name or one digest, and every date is one.
 *
 * @param path names the file in an error
 * @throws MainstemError JSON_INVALID, MERGE_CONFLICT
 */
export function parseKeysFile(text: string, path: string): KeysFile {
  const file = parseVersioned(text, KeysFile, path);
  const fault = findFault(file);
  if (fault) throw new MainstemError('JSON_INVALID', { path, reason: fault });
  return file;
}

function findFault({ keys }: KeysFile): string | null {
  const names = new Set<string>();
  const digests = new Set<string>();
  for (const { name, digest, expiresAt } of keys) {
    if (names.has(name)) return `two keys are called "${name}"`;
    if (digests.has(digest)) return `"${name}" is the same key as another`;
    if (expiresAt !== null && Number.isNaN(Date.parse(expiresAt)))
      return `"${name}" expires at "${expiresAt}", which is not a date`;
    names.add(name);
    digests.add(digest);
  }
  return null;
}

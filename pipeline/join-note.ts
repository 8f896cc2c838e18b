import { type Static, Type } from 'typebox';
import { dictionary } from '../platform/lib/dictionary.ts';
import { parseVersioned } from '../platform/lib/parse-versioned.ts';
import { DigestSchema } from '../platform/schemas/index.ts';

/** `features.lock.json` of a project: what its table was joined from. It is committed with the lock. */
export const JoinNote = Type.Object({
  version: Type.Literal(1),
  /** Digest of the views. */
  definition: DigestSchema,
  /** Which rows were asked about. */
  rows: Type.Object({ path: Type.String(), time: Type.String() }),
  /** Each file that was read, by its path. */
  sources: dictionary(DigestSchema),
  /** Of the file that the join wrote. */
  table: DigestSchema,
});
export type JoinNote = Static<typeof JoinNote>;

/** The file of a note, in a project's folder. */
export const noteFile = 'features.lock.json';

/** A note from its text; null where there is none. @throws MainstemError JSON_INVALID */
export function parseJoinNote(text: string | null, path: string): JoinNote | null {
  return text === null ? null : parseVersioned(text, JoinNote, path);
}

import { type Static, Type } from 'typebox';
import { dictionary } from '../lib/dictionary.ts';
import { MainstemError } from '../lib/errors.ts';
import { parseVersioned } from '../lib/parse-versioned.ts';
import { readText } from '../lib/read-text.ts';
import { DigestSchema, nullable } from '../schemas/index.ts';

/** What was known of one view's entities at the time of a snapshot. */
export const ViewSnapshot = Type.Object({
  /** The columns that name an entity. */
  keys: Type.Array(Type.String(), { minItems: 1 }),
  fields: Type.Array(Type.String(), { minItems: 1 }),
  /** For how long a value counts after its event time; null forever. */
  ttlMs: nullable(Type.Integer({ minimum: 1 })),
  /** How old the newest value may be before the view is stale; null any age. */
  freshnessMs: nullable(Type.Integer({ minimum: 1 })),
  /** One row per entity: its keys as text, the event time in microseconds since 1970, its fields as text. */
  rows: Type.Array(Type.Array(Type.Union([Type.String(), Type.Integer(), Type.Null()]))),
});
export type ViewSnapshot = Static<typeof ViewSnapshot>;

/** The online side of a project's features: a file that is written whole and never changed. */
export const FeatureSnapshot = Type.Object({
  version: Type.Literal(1),
  project: Type.String(),
  /** Digest of the definition that it was made by: a model takes features of its own definition only. */
  definition: DigestSchema,
  /** Up to when it holds what was known, in milliseconds since 1970. */
  at: Type.Integer(),
  views: dictionary(ViewSnapshot),
});
export type FeatureSnapshot = Static<typeof FeatureSnapshot>;

/** Where a project's snapshot is in the folder of snapshots. */
export function snapshotName(project: string): string {
  return `${project}.json`;
}

/**
 * Reads a snapshot.
 *
 * @throws MainstemError JSON_INVALID, FILE_UNREADABLE
 */
export async function readSnapshot(path: string): Promise<FeatureSnapshot> {
  const snapshot = parseVersioned(await readText(path), FeatureSnapshot, path);
  for (const [name, view] of Object.entries(snapshot.views)) assertRows(path, name, view);
  return snapshot;
}

/** What the schema leaves open, so that a file of a million rows is checked in one pass. */
function assertRows(path: string, name: string, { keys, fields, rows }: ViewSnapshot): void {
  const width = keys.length + 1 + fields.length;
  const at = rows.findIndex(
    (row) => row.length !== width || !row.every((cell, place) => fits(cell, place, keys.length)),
  );
  if (at < 0) return;
  const reason = `row ${at + 1} of the view ${name} must be keys, a time and fields`;
  throw new MainstemError('JSON_INVALID', { path, reason });
}

function fits(cell: string | number | null, place: number, keys: number): boolean {
  if (place === keys) return typeof cell === 'number';
  return typeof cell === 'string' || (cell === null && place > keys);
}

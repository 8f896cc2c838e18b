import { join, relative } from 'node:path';
import { type Static, Type } from 'typebox';
import { canonicalJson } from '../platform/lib/canonical-json.ts';
import { dictionary } from '../platform/lib/dictionary.ts';
import { MainstemError } from '../platform/lib/errors.ts';
import { writeJson } from '../platform/lib/json-file.ts';
import { ownValue } from '../platform/lib/own-value.ts';
import { parseVersioned } from '../platform/lib/parse-versioned.ts';
import { readTextIfThere } from '../platform/lib/read-text.ts';
import { digestFeatures, type FeatureDefinition } from '../platform/schemas/define/index.ts';
import { DigestSchema } from '../platform/schemas/index.ts';
import { readManifest } from '../platform/storage/index.ts';
import type { ProjectContext } from './context.ts';

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

type ProjectOf = Pick<ProjectContext, 'workspace' | 'project'>;

/** The features of a project. @throws MainstemError FEATURES_MISSING */
export function featuresOf({ project }: Pick<ProjectContext, 'project'>): FeatureDefinition {
  const { name, features } = project.definition;
  if (features) return features;
  throw new MainstemError('FEATURES_MISSING', { project: name });
}

/** Checks that rows may be added to a project's table by hand or by what collects them. @throws MainstemError FEATURES_NOT_COLLECTED */
export function assertNotJoined({ project }: Pick<ProjectContext, 'project'>): void {
  const { name, features } = project.definition;
  if (features) throw new MainstemError('FEATURES_NOT_COLLECTED', { project: name });
}

/** What a project's table was joined from; null if it never was. @throws MainstemError JSON_INVALID, FILE_UNREADABLE */
export async function readJoinNote(context: ProjectOf): Promise<JoinNote | null> {
  const [path, shown] = notePath(context);
  const text = await readTextIfThere(path, shown);
  return text === null ? null : parseVersioned(text, JoinNote, shown);
}

/** Notes what a project's table was joined from. */
export async function writeJoinNote(context: ProjectOf, note: JoinNote): Promise<void> {
  await writeJson(notePath(context)[0], note);
}

function notePath({ workspace, project }: ProjectOf): [path: string, shown: string] {
  const path = join(project.folder, 'features.lock.json');
  return [path, relative(workspace.root, path)];
}

/** Why a note is not about a definition; null if it is. */
export function findNoteFault(note: JoinNote | null, features: FeatureDefinition): string | null {
  if (!note) return 'nothing has been joined yet';
  const isSame =
    note.definition === digestFeatures(features) &&
    canonicalJson(note.rows) === canonicalJson(features.rows);
  return isSame ? null : 'the definition has changed since it was joined';
}

/**
 * Checks that the locked table of a project with features is the one that they were joined to by the definition as it is:
 * a model must not learn other values than the server will look up. Others pass.
 *
 * @throws MainstemError FEATURES_NOT_JOINED
 */
export async function assertJoined(context: ProjectContext): Promise<void> {
  const { project, lock, store } = context;
  const { name, features, data } = project.definition;
  const locked = ownValue(lock.datasets, data.name);
  if (!features || !locked) return;
  const note = await readJoinNote(context);
  const [file] = await readManifest(store, locked);
  const fault =
    findNoteFault(note, features) ??
    (file?.digest === note?.table ? null : `${data.path} as locked is not what the join wrote`);
  if (fault) throw new MainstemError('FEATURES_NOT_JOINED', { project: name, reason: fault });
}

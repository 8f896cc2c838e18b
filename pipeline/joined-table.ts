import { join, relative } from 'node:path';
import { canonicalJson } from '../platform/lib/canonical-json.ts';
import { MainstemError } from '../platform/lib/errors.ts';
import { type Digest, digestFile } from '../platform/lib/hash.ts';
import { writeJson } from '../platform/lib/json-file.ts';
import { ownValue } from '../platform/lib/own-value.ts';
import { readTextIfThere } from '../platform/lib/read-text.ts';
import { digestFeatures, type FeatureDefinition } from '../platform/schemas/define/index.ts';
import { sourcePaths } from '../platform/schemas/index.ts';
import { readManifest } from '../platform/storage/index.ts';
import type { ProjectContext } from './context.ts';
import { type JoinNote, noteFile, parseJoinNote } from './join-note.ts';

type ProjectOf = Pick<ProjectContext, 'workspace' | 'project'>;

/** The features of a project. @throws MainstemError FEATURES_MISSING */
export function featuresOf({ project }: Pick<ProjectContext, 'project'>): FeatureDefinition {
  const { name, features } = project.definition;
  if (features) return features;
  throw new MainstemError('FEATURES_MISSING', { project: name });
}

/** What a project's table was joined from; null if it never was. @throws MainstemError JSON_INVALID, FILE_UNREADABLE */
export async function readJoinNote(context: ProjectOf): Promise<JoinNote | null> {
  const [path, shown] = notePath(context);
  return parseJoinNote(await readTextIfThere(path, shown), shown);
}

/** Notes what a project's table was joined from. */
export async function writeJoinNote(context: ProjectOf, note: JoinNote): Promise<void> {
  await writeJson(notePath(context)[0], note);
}

function notePath({ workspace, project }: ProjectOf): [path: string, shown: string] {
  const path = join(project.folder, noteFile);
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

/** What the files are that features are joined from. @throws MainstemError FILE_UNREADABLE */
export async function digestSources(
  root: string,
  definition: FeatureDefinition,
): Promise<Record<string, Digest>> {
  const paths = sourcePaths(definition).sort();
  const digests = paths.map(
    async (path) => [path, await digestFile(join(root, path), path)] as const,
  );
  return Object.fromEntries(await Promise.all(digests));
}

/**
 * What has changed on disk since a project's table was joined, in sentences; none if nothing has, and for projects without features.
 * Nothing is joined for it.
 *
 * @throws MainstemError FILE_UNREADABLE, JSON_INVALID
 */
export async function findJoinFaults(context: ProjectOf): Promise<string[]> {
  const { workspace, project } = context;
  const { features, data } = project.definition;
  if (!features) return [];
  const note = await readJoinNote(context);
  const stale = findNoteFault(note, features);
  if (!note || stale) return [`${stale}`];
  const sources = await digestSources(workspace.root, features);
  const changed = Object.entries(sources)
    .filter(([path, digest]) => ownValue(note.sources, path) !== digest)
    .map(([path]) => `${path} has changed since it was joined`);
  const written = await digestFile(join(workspace.root, data.path), data.path);
  const edited = written === note.table ? [] : [`${data.path} is not the file that the join wrote`];
  return [...changed, ...edited];
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
  const note = context.joined === undefined ? await readJoinNote(context) : context.joined;
  const [file] = await readManifest(store, locked);
  const fault =
    findNoteFault(note, features) ??
    (file?.digest === note?.table ? null : `${data.path} as locked is not what the join wrote`);
  if (fault) throw new MainstemError('FEATURES_NOT_JOINED', { project: name, reason: fault });
}

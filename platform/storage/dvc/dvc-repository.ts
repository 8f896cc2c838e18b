import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, posix, relative, resolve, sep } from 'node:path';
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import { dictionary } from '../../lib/dictionary.ts';
import { MainstemError } from '../../lib/errors.ts';
import { isPathText } from '../../lib/file-names.ts';
import { exists } from '../../lib/files.ts';
import { isHiddenName } from '../../lib/hidden-name.ts';
import { printable } from '../../lib/printable.ts';
import { readText, readTextIfThere } from '../../lib/read-text.ts';
import { foldersAbove } from '../lock/collisions.ts';

/** Something that DVC tracks: a file, or a folder (whose MD5 ends with `.dir`). */
export interface DvcOutput {
  /** Relative to the DVC repository, with `/`. */
  readonly path: string;
  readonly md5: string;
  /** The `.dvc` file or `dvc.lock` that names it. */
  readonly by: string;
}

/** A repository of DVC 2 or 3, as it is on disk. */
export interface DvcRepository {
  readonly folder: string;
  readonly outputs: readonly DvcOutput[];
  /** Folders that hold objects: the cache, and remotes on this machine. */
  readonly caches: readonly string[];
}

const Output = Type.Object({
  path: Type.String(),
  md5: Type.Optional(Type.String({ pattern: '^[0-9a-f]{32}(\\.dir)?$' })),
});
const DvcFile = Type.Object({
  wdir: Type.Optional(Type.String()),
  outs: Type.Optional(Type.Array(Output)),
});
const DvcLock = Type.Object({
  stages: Type.Optional(dictionary(Type.Object({ outs: Type.Optional(Type.Array(Output)) }))),
});

/**
 * Reads what a DVC repository tracks, and where its bytes are on this machine. Nothing of DVC runs.
 *
 * @throws MainstemError DVC_INVALID, FILE_UNREADABLE
 */
export async function readDvcRepository(folder: string): Promise<DvcRepository> {
  if (!(await exists(join(folder, '.dvc')))) {
    throw new MainstemError('DVC_INVALID', { path: folder, reason: 'has no folder .dvc' });
  }
  // Loaded only here: nothing else that is run reads YAML.
  const { parse: parseYaml } = await import('yaml');
  // Tags that nobody knows are no concern of the user, and nothing that a library prints is.
  const parse = (text: string): unknown => parseYaml(text, { logLevel: 'error' });
  const outputs: DvcOutput[] = [];
  for (const path of await listDvcFiles(folder)) {
    const text = await readText(join(folder, path));
    const place = posix.dirname(path);
    if (posix.basename(path) === 'dvc.lock') {
      const { stages = {} } = parseAs(DvcLock, () => parse(text), path);
      const outs = Object.values(stages).flatMap((stage) => stage.outs ?? []);
      outputs.push(...toOutputs(outs, place, path));
    } else {
      const { wdir = '.', outs = [] } = parseAs(DvcFile, () => parse(text), path);
      outputs.push(...toOutputs(outs, posix.join(place, wdir), path));
    }
  }
  assertOneEach(outputs);
  return { folder, outputs, caches: await listCaches(folder) };
}

/** Two places that name one path would leave it to their order which version counts. */
function assertOneEach(outputs: readonly DvcOutput[]): void {
  for (const [path, [first, second]] of Map.groupBy(outputs, (output) => output.path)) {
    if (!first || !second) continue;
    const twice = first.by === second.by ? 'twice' : `as ${first.by} does`;
    const reason = `names ${path} ${twice}, so nobody knows which version counts`;
    throw new MainstemError('DVC_INVALID', { path: second.by, reason });
  }
}

async function listDvcFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.dvc$|^dvc\.lock$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .filter((path) => !/(^|\/)(\.dvc|\.git|node_modules)\//.test(path))
    .sort();
}

function parseAs<T extends typeof DvcFile | typeof DvcLock>(
  schema: T,
  read: () => unknown,
  path: string,
): Static<T> {
  try {
    const value = read() ?? {};
    if (Check(schema, value)) return value;
  } catch (cause) {
    throw new MainstemError('DVC_INVALID', { path, reason: 'is not YAML' }, { cause });
  }
  throw new MainstemError('DVC_INVALID', { path, reason: 'names outputs in an unknown way' });
}

function toOutputs(outs: readonly Static<typeof Output>[], place: string, by: string): DvcOutput[] {
  return outs.flatMap(({ path, md5 }) =>
    md5 ? [{ path: posix.normalize(posix.join(place, path)), md5, by }] : [],
  );
}

/** The cache and the remotes on this machine, from `.dvc/config` and `.dvc/config.local`. */
async function listCaches(folder: string): Promise<string[]> {
  const home = join(folder, '.dvc');
  const caches: string[] = [];
  const remotes: string[] = [];
  for (const name of ['config.local', 'config']) {
    const text = (await readTextIfThere(join(home, name))) ?? '';
    let section = '';
    for (const line of text.split('\n')) {
      section = /^\s*\[(.+)\]\s*$/.exec(line)?.[1] ?? section;
      const [, key, value = ''] = /^\s*(dir|url)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      if (key === 'dir' && section === 'cache') caches.push(resolve(home, value));
      if (key === 'url' && section.includes('remote') && !/^\w[\w+.-]+:\/\//.test(value))
        remotes.push(resolve(home, value));
    }
  }
  return [...caches, join(home, 'cache'), ...remotes].filter((path) => kindOf(path) !== 'nothing');
}

/** A file of an output: where it belongs, and where its bytes are. */
export interface DvcFileOfOutput {
  /** Relative to the output; the name of the file for an output that is a file. */
  readonly path: string;
  readonly md5: string;
  /** In a cache. */
  readonly file: string;
}

const Folder = Type.Array(
  Type.Object({ md5: Type.String({ pattern: '^[0-9a-f]{32}$' }), relpath: Type.String() }),
);

/** What belongs to an output. */
export interface DvcOutputFiles {
  /** In the order of their paths. */
  readonly files: readonly DvcFileOfOutput[];
  /** Paths that are left out, as everywhere in Mainstem. */
  readonly hidden: readonly string[];
}

/**
 * The files of an output. No folder could hold a list that names one path twice, or a file in a file.
 *
 * @throws MainstemError DVC_MISSING if an object is in no cache, DVC_INVALID, FILE_UNREADABLE
 */
export async function listDvcOutput(
  repository: DvcRepository,
  output: DvcOutput,
): Promise<DvcOutputFiles> {
  const object = findObject(repository, output.md5, output.path);
  if (!output.md5.endsWith('.dir')) {
    const file = { path: basename(output.path), md5: output.md5, file: object };
    return { files: [file], hidden: [] };
  }
  const entries: unknown = parseOrUndefined(await readText(object));
  if (!Check(Folder, entries)) {
    throw new MainstemError('DVC_INVALID', { path: object, reason: 'is not a list of files' });
  }
  const [hidden = [], shown = []] = [true, false].map((wanted) =>
    entries.filter(({ relpath }) => isHidden(relpath) === wanted),
  );
  const paths = shown.map(({ relpath }) => relpath);
  assertFolder(paths, object);
  const files = shown.map(({ md5, relpath }) => {
    const file = findObject(repository, md5, `${output.path}/${relpath}`);
    return { path: relpath, md5, file };
  });
  files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return { files, hidden: hidden.map(({ relpath }) => relpath) };
}

function isHidden(path: string): boolean {
  return path.split('/').some((part) => part !== '.' && part !== '..' && isHiddenName(part));
}

/** Checks that a folder can hold exactly these files. @throws MainstemError DVC_INVALID */
function assertFolder(paths: readonly string[], by: string): void {
  for (const path of paths) assertInside(path, by);
  const noText = paths.find((path) => !isPathText(path));
  const found = new Set<string>();
  const twice = paths.find((path) => found.size === found.add(path).size);
  const above = paths.flatMap(foldersAbove).find((folder) => found.has(folder));
  const reason =
    (paths.length === 0 && 'names no file') ||
    (noText !== undefined && `names ${printable(noText)}, which no file can be called`) ||
    (twice !== undefined && `names ${twice} twice, so nobody knows which version counts`) ||
    (above !== undefined && `names ${above} as a file and as a folder`);
  if (reason) throw new MainstemError('DVC_INVALID', { path: by, reason });
}

function assertInside(path: string, by: string): void {
  const inside = path !== '' && !path.startsWith('/') && !path.includes('\\');
  if (inside && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'))
    return;
  const reason = `names a file outside its folder: ${path}`;
  throw new MainstemError('DVC_INVALID', { path: by, reason });
}

/**
 * DVC 3 keeps objects in `files/md5/ab/…`, DVC 2 in `ab/…`. What is not a file, or cannot be looked at, is named when it is
 * read, unless another cache has the object.
 */
function findObject({ folder, caches }: DvcRepository, md5: string, path: string): string {
  const inside = join(md5.slice(0, 2), md5.slice(2));
  const places = caches.flatMap((cache) => [
    join(cache, 'files', 'md5', inside),
    join(cache, inside),
  ]);
  const found =
    places.find((place) => kindOf(place) === 'file') ??
    places.find((place) => kindOf(place) === 'other');
  if (found) return found;
  throw new MainstemError('DVC_MISSING', {
    path,
    md5,
    repository: relative(dirname(folder), folder),
  });
}

/** What nobody may look at is something. */
function kindOf(path: string): 'nothing' | 'file' | 'other' {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) return 'nothing';
    return found.isFile() ? 'file' : 'other';
  } catch {
    return 'other';
  }
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import { isMainstemError, MainstemError } from '../lib/errors.ts';
import { commitOf, fileOf, gitEntries } from '../lib/git.ts';
import { modelsFolder } from '../lib/layout.ts';
import { parseVersioned } from '../lib/parse-versioned.ts';
import { ModelPointer } from '../schemas/index.ts';
import { recordPath, trialChannels } from './paths.ts';

/** What a commit serves: its pointers and the records that they name, by path relative to the repository. */
export interface ServedFiles {
  readonly commit: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** An entry of a commit's tree. */
export interface TreeEntry {
  readonly mode: string;
  readonly id: string;
}

const channels = ['production', ...trialChannels].join('|');
const pointer = new RegExp(`^models/([^/]+)/(${channels})\\.json$`);

/**
 * What a revision of a repository serves.
 *
 * @throws MainstemError REVISION_UNKNOWN, FOLLOW_REFUSED
 */
export async function servedFilesAt(root: string, revision: string): Promise<ServedFiles> {
  const commit = await commitOf(root, revision);
  const asked = modelsListing(commit);
  const lines = (await gitEntries(root, 1, ...asked)).map(([line = '']) => line);
  const entries = parseTree(lines);
  const read = async (found: ReadonlyMap<string, TreeEntry>) => {
    const files = new Map<string, Uint8Array>();
    for (const path of found.keys())
      files.set(path, Buffer.from(`${(await fileOf(root, commit, path)) ?? ''}\n`));
    return files;
  };
  const pointers = await read(findPointers(entries, commit));
  const records = await read(namedRecords(pointers, entries, commit));
  return { commit, files: new Map([...pointers, ...records]) };
}

/** What to ask git for everything below `models/` of a commit, in entries that {@link parseTree} reads. */
export function modelsListing(commit: string): string[] {
  const tree = ['ls-tree', '-r', '-z', '--full-tree', '--end-of-options', commit];
  return [...tree, '--', `${modelsFolder}/`];
}

/** Entries of `git ls-tree -r`, by path. */
export function parseTree(lines: readonly string[]): Map<string, TreeEntry> {
  return new Map(
    lines.flatMap((line) => {
      const [, mode, id, path] = /^(\d+) \w+ ([0-9a-f]+)\t(.+)$/s.exec(line) ?? [];
      return mode && id && path ? [[path, { mode, id }] as const] : [];
    }),
  );
}

/** The error for a commit that holds what no promotion writes. */
export function refuseCommit(commit: string, reason: string): MainstemError {
  return new MainstemError('FOLLOW_REFUSED', { commit, reason });
}

/**
 * The pointers of a commit.
 *
 * @throws MainstemError FOLLOW_REFUSED for one that is not a plain file, and where there are none
 */
export function findPointers(
  entries: ReadonlyMap<string, TreeEntry>,
  commit: string,
): Map<string, TreeEntry> {
  const found = new Map([...entries].filter(([path]) => pointer.test(path)));
  for (const [path, entry] of found) assertPlain(path, entry, commit);
  if (![...found.keys()].some((path) => path.endsWith('/production.json')))
    throw refuseCommit(commit, 'it has no models/<name>/production.json');
  return found;
}

/**
 * The records that pointers name. A pointer that cannot be read names none, and whoever loads it says why.
 *
 * @throws MainstemError FOLLOW_REFUSED for one that is not a plain file
 */
export function namedRecords(
  pointers: ReadonlyMap<string, Uint8Array>,
  entries: ReadonlyMap<string, TreeEntry>,
  commit: string,
): Map<string, TreeEntry> {
  const found = new Map<string, TreeEntry>();
  for (const [path, bytes] of pointers) {
    const name = pointer.exec(path)?.[1];
    const run = runOf(bytes, path);
    if (name === undefined || run === null) continue;
    const record = recordPath(name, run);
    const entry = entries.get(record);
    if (!entry) continue;
    assertPlain(record, entry, commit);
    found.set(record, entry);
  }
  return found;
}

function runOf(bytes: Uint8Array, path: string): string | null {
  try {
    return parseVersioned(Buffer.from(bytes).toString(), ModelPointer, path).run;
  } catch (error) {
    if (isMainstemError(error)) return null;
    throw error;
  }
}

/** Names of other things than plain files, by git's modes. */
const kinds: Readonly<Record<string, string>> = {
  '120000': 'a symbolic link',
  '160000': 'another repository',
};

function assertPlain(path: string, { mode }: TreeEntry, commit: string): void {
  // git makes no such folders; whoever writes trees by hand can.
  const isOutside = path.split('/').some((part) => /^\.|[\\:]|\p{Cc}/u.test(part));
  if (isOutside) throw refuseCommit(commit, `${JSON.stringify(path)} is not a path of a model`);
  if (mode === '100644' || mode === '100755') return;
  throw refuseCommit(commit, `${path} is ${kinds[mode] ?? `an entry of mode ${mode}`}`);
}

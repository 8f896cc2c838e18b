import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { parseVersioned } from '../../platform/lib/parse-versioned.ts';
import { recordPath, trialChannels } from '../../platform/registry/index.ts';
import { ModelPointer } from '../../platform/schemas/index.ts';

/** An entry of a commit's tree. */
export interface TreeEntry {
  readonly mode: string;
  readonly id: string;
}

const channels = ['production', ...trialChannels].join('|');
const pointer = new RegExp(`^models/([^/]+)/(${channels})\\.json$`);

/** The error for a commit that holds what no promotion writes. */
export function refuse(commit: string, reason: string): MainstemError {
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
    throw refuse(commit, 'it has no models/<name>/production.json');
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
  if (isOutside) throw refuse(commit, `${JSON.stringify(path)} is not a path of a model`);
  if (mode === '100644' || mode === '100755') return;
  throw refuse(commit, `${path} is ${kinds[mode] ?? `an entry of mode ${mode}`}`);
}

import { join } from 'node:path';
import { canonicalJson } from '../../lib/canonical-json.ts';
import { parseCsv } from '../../lib/csv.ts';
import { MainstemError } from '../../lib/errors.ts';
import { writeFileAtomic } from '../../lib/files.ts';
import { git, otherwise } from '../../lib/git.ts';
import { digestBytes } from '../../lib/hash.ts';
import { lockFile } from '../../lib/layout.ts';
import { parseMergeConflict } from '../../lib/merge-conflict.ts';
import { ownValue } from '../../lib/own-value.ts';
import { readFile } from '../../lib/read-text.ts';
import type { DatasetDefinition, Project } from '../../schemas/define/index.ts';
import {
  type DataLock,
  type LockedDataset,
  type ManifestEntry,
  metadataFile,
  type Workspace,
} from '../../schemas/index.ts';
import { nameBlob } from '../store/name-blob.ts';
import type { Store } from '../store/store.ts';
import { isTracked } from './checkout.ts';
import { assertNoTwins, foldersAbove } from './collisions.ts';
import { joinEntries, joinOne } from './join-entries.ts';
import { joinLines, type ThreeSides } from './join-lines.ts';
import { describeDataset, lockDataset, parseLock, renderLock, withLockTurn } from './lock.ts';
import { lockedOf } from './locked-of.ts';
import { encodeManifest, readManifest } from './manifest.ts';

/** Whose version of a file is taken if both sides changed it differently. */
export type PreferredSide = 'ours' | 'theirs';

/** What {@link joinLock} works with. */
export interface JoinOptions {
  readonly workspace: Workspace;
  readonly store: Store;
  readonly projects: readonly Project[];
  /** Left out, such files are an error. */
  readonly prefer?: PreferredSide | undefined;
}

/**
 * Resolves a merge conflict in `data.lock.json`: of every dataset that both sides changed, the files that either side
 * added, changed or removed are joined; metadata and tables row by row. Files on disk stay as they are.
 *
 * @returns the lock that was written; null if there is no conflict
 * @throws MainstemError DATA_JOIN_CONFLICT, DATA_NAMES_ALIKE, STORE_MISSING, JSON_INVALID
 */
export function joinLock(options: JoinOptions): Promise<DataLock | null> {
  return withLockTurn(options.workspace, () => joinSides(options));
}

async function joinSides(options: JoinOptions): Promise<DataLock | null> {
  const { root } = options.workspace;
  const conflict = await readConflict(root);
  if (!conflict) return null;
  const { sides, names: sideNames } = conflict;
  const disputed: string[] = [];
  const datasets: DataLock['datasets'] = {};
  const names = new Set([sides.ours, sides.theirs].flatMap((lock) => Object.keys(lock.datasets)));
  for (const name of names) {
    const three = mapSides(sides, ({ datasets: all }) => ownValue(all, name));
    const same = joinOne(three, (dataset) => dataset && canonicalJson(dataset));
    const joined =
      same === 'disputed'
        ? await joinDataset({ ...options, sideNames }, name, three, disputed)
        : same;
    if (joined) datasets[name] = joined;
  }
  const [example] = disputed;
  if (example !== undefined) {
    const details = { example, count: disputed.length, files: disputed };
    throw new MainstemError('DATA_JOIN_CONFLICT', details);
  }
  const lock: DataLock = { version: 1, datasets };
  await writeFileAtomic(join(root, lockFile), renderLock(lock));
  return lock;
}

interface Conflict {
  readonly sides: ThreeSides<DataLock>;
  /** What git calls the two sides. */
  readonly names: { readonly ours: string; readonly theirs: string };
}

async function readConflict(root: string): Promise<Conflict | null> {
  const conflict = parseMergeConflict(await readFile(join(root, lockFile), 'utf8'));
  if (!conflict) return null;
  // Git keeps the common ancestor until the conflict is resolved; both sides may have made the first lock.
  const base = await git(root, 'show', `:1:./${lockFile}`).catch(otherwise(null));
  return { sides: mapSides({ base, ...conflict.texts }, parseLock), names: conflict };
}

function mapSides<A, B>({ base, ours, theirs }: ThreeSides<A>, map: (side: A) => B): ThreeSides<B> {
  return { base: map(base), ours: map(ours), theirs: map(theirs) };
}

interface JoinContext extends JoinOptions {
  readonly sideNames: Conflict['names'];
}

/** Joins a dataset that both sides changed. @param disputed gets what cannot be joined */
async function joinDataset(
  options: JoinContext,
  name: string,
  sides: ThreeSides<LockedDataset | undefined>,
  disputed: string[],
): Promise<LockedDataset | undefined> {
  const { workspace, store, prefer } = options;
  const { ours, theirs } = sides;
  const owner = findOwner(options.projects, name);
  if (!ours || !theirs || !owner || ours.kind !== theirs.kind) {
    if (prefer) return sides[prefer];
    disputed.push(`dataset ${name}`);
    return undefined;
  }
  const { project, dataset } = owner;
  // What git tracks itself it has merged, and somebody has resolved what it could not.
  if (await isTracked(workspace.root, dataset.path))
    return lockDataset(workspace, store, project, dataset);
  const entries = await joinFiles(options, sides, disputed);
  assertNoTwins(
    dataset.path,
    entries.map(({ path }) => path),
  );
  const manifest = encodeManifest(entries);
  await store.put(new TextEncoder().encode(manifest), 'text/plain');
  const kind = ours.kind === 'images' ? 'images' : 'table';
  const joined = { kind, digest: digestBytes(manifest), entries: () => [...entries] } as const;
  return (await describeDataset(store, project, dataset, joined)).locked;
}

interface Owner {
  readonly project: Project;
  readonly dataset: DatasetDefinition;
}

function findOwner(projects: readonly Project[], name: string): Owner | undefined {
  for (const project of projects) {
    const dataset = lockedOf(project).find((one) => one.name === name);
    if (dataset) return { project, dataset };
  }
  return undefined;
}

async function joinFiles(
  context: JoinContext,
  sides: ThreeSides<LockedDataset | undefined>,
  disputed: string[],
): Promise<ManifestEntry[]> {
  const { store, prefer } = context;
  const read = {
    base: await readBase(context, sides.base),
    ours: await readSide(context, 'ours', sides.ours),
    theirs: await readSide(context, 'theirs', sides.theirs),
  };
  const joined = joinEntries(read);
  const entries = [...joined.entries];
  for (const three of joined.disputed) {
    const entry = (await joinRows(store, three)) ?? (prefer && three[prefer]);
    if (entry) entries.push(entry);
    else if (!prefer) disputed.push(`${sides.ours?.path}/${(three.ours ?? three.theirs)?.path}`);
  }
  entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  const isPreferred = prefer && setOfPaths(read[prefer]);
  const { holdable, clashing } = keepHoldable(entries, (path) => isPreferred?.has(path) ?? false);
  if (!prefer) for (const path of clashing) disputed.push(`${sides.ours?.path}/${path}`);
  return holdable;
}

const setOfPaths = (entries: readonly ManifestEntry[]) => new Set(entries.map(({ path }) => path));

/**
 * One side may have made a folder of a file that the other kept: no folder can hold both.
 *
 * @param isPreferred whose version of the name stays
 * @returns what can be held together, and the names that are both
 */
function keepHoldable(
  entries: readonly ManifestEntry[],
  isPreferred: (path: string) => boolean,
): { readonly holdable: ManifestEntry[]; readonly clashing: readonly string[] } {
  const files = setOfPaths(entries);
  const clashing = new Set(
    entries.flatMap(({ path }) => foldersAbove(path)).filter((folder) => files.has(folder)),
  );
  const isHeld = ({ path }: ManifestEntry) =>
    clashing.has(path)
      ? isPreferred(path)
      : !foldersAbove(path).some((folder) => clashing.has(folder) && isPreferred(folder));
  return { holdable: entries.filter(isHeld), clashing: [...clashing] };
}

async function readSide(
  { store, sideNames }: JoinContext,
  side: PreferredSide,
  dataset: LockedDataset | undefined,
): Promise<ManifestEntry[]> {
  if (!dataset) return [];
  // After a rebase git writes the commit's title behind its name.
  const [revision = ''] = sideNames[side].split(' ');
  const what = `the list of files of ${dataset.path} in ${sideNames[side]}; "npx mainstem pull --rev ${revision}" fetches it`;
  await store.get(dataset.digest).catch(nameBlob(what));
  return readManifest(store, dataset);
}

/** The common ancestor only says which files a side has removed. */
async function readBase(
  { store, workspace }: JoinContext,
  dataset: LockedDataset | undefined,
): Promise<ManifestEntry[]> {
  if (!dataset) return [];
  if (await store.has(dataset.digest)) return readManifest(store, dataset);
  workspace.reporter.warn(
    `The store lacks what ${dataset.path} was before both changes: files that one side removed come back.`,
  );
  return [];
}

/** Joins a CSV file that both sides changed; undefined if it is something else, or cannot be joined. */
async function joinRows(
  store: Store,
  sides: ThreeSides<ManifestEntry | undefined>,
): Promise<ManifestEntry | undefined> {
  const { ours, theirs } = sides;
  if (!ours?.path.endsWith('.csv') || !theirs) return undefined;
  const read = async (entry: ManifestEntry | undefined) => {
    if (!entry) return '';
    return new TextDecoder().decode(await store.get(entry.digest).catch(nameBlob(entry.path)));
  };
  const base = await read(sides.base);
  const text = joinLines({ base, ours: await read(ours), theirs: await read(theirs) });
  if (text === null || describesTwice(ours.path, text)) return undefined;
  const { digest, bytes } = await store.put(new TextEncoder().encode(text), 'text/csv');
  return { path: ours.path, digest, bytes };
}

/** Whether two rows of metadata are about one photo, which happens if both sides changed its row. */
function describesTwice(path: string, text: string): boolean {
  if (path !== metadataFile) return false;
  const files = parseCsv(Buffer.from(text), path).rows.map(({ file }) => file);
  return new Set(files).size < files.length;
}

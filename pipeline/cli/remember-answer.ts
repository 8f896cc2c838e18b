import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { canonicalJson } from '../../platform/lib/canonical-json.ts';
import type { FileLog } from '../../platform/lib/file-log.ts';
import {
  digestOf,
  digestOfNames,
  type FileState,
  readFileState,
} from '../../platform/lib/file-state.js';
import type { Digest } from '../../platform/lib/hash.ts';
import type { ModelRecord } from '../../platform/schemas/index.ts';
import type { Store } from '../../platform/storage/index.ts';
import { drivers, nativeFolder } from '../backends/index.ts';
import type { ProjectContext } from '../context.ts';
import { artefactDigests, openModuleCache, runFolder, type StageSummary } from '../engine/index.ts';
import { requiredBlobs } from '../operations/provide-data.ts';
import { backendsFolder, nameOfNode, writeMemory } from './recall.js';

/*
 * Remembers the answer of a run that found nothing to do, together with everything it depends on; recall.js prints
 * it again. No list of sources is kept by hand: the files are those that the process read, its own modules included.
 */

/** An answer, and what it was found with. */
export interface FoundAnswer {
  readonly context: ProjectContext;
  readonly question: string;
  readonly answer: string;
  /** Source files, packages and inputs, noted before they were read. */
  readonly log: FileLog;
  /** The state of the project's data before it was compared with the lock. */
  readonly data: FileState & { readonly paths: readonly string[] };
  readonly stages: readonly StageSummary[];
  readonly record: ModelRecord;
}

/**
 * Remembers an answer that was found without any work. Does nothing if a file has changed meanwhile, or so recently
 * that a further change might not show.
 */
export async function rememberAnswer(found: FoundAnswer): Promise<void> {
  const { context, question, answer, log, data, record } = found;
  const { root } = context.workspace;
  if (!data.settled) return;
  const results = readResults(found);
  const sources = await readSources(root, log);
  const kept = await readKept(found);
  if (!sources || !results || !kept) return;
  const folders = packageFolders(root);
  writeMemory(root, question, {
    answer,
    node: nameOfNode(process.execPath),
    files: { ...sources, ...results },
    kept,
    absent: [...log.absent],
    listings: { folders, names: digestOfNames(root, folders) },
    backends: backendsFolder(),
    data: { paths: data.paths, state: data.state },
    record: candidatePath(record.model),
    commit: { commit: record.commit, dirty: record.dirty },
  });
}

type KnownFiles = Record<string, { state: string; digest: string; code?: string }>;

/** The noted files with their content; null if one of them has changed since, or might have. */
async function readSources(root: string, log: FileLog): Promise<KnownFiles | null> {
  const modules = await openModuleCache(root);
  const files: KnownFiles = {};
  for (const [path, { state, settled }] of log.found) {
    const same = () => readFileState(root, path)?.state === state;
    if (!settled || !same()) return null;
    const digest = digestOf(readFileSync(join(root, path)));
    const facts = /\.[cm]?[jt]sx?$/.test(path) ? await modules.facts(path) : null;
    if (!same()) return null;
    files[path] = { state, digest, ...(facts && { code: facts.digest }) };
  }
  await modules.save();
  return files;
}

/** What the run left for people and later commands; null if another run has replaced it. */
function readResults({ context, record, stages }: FoundAnswer): KnownFiles | null {
  const { root } = context.workspace;
  const latestPath = `${runFolder('', record.model)}/latest.json`;
  const [candidate, latest] = [candidatePath(record.model), latestPath].map((path) => ({
    path,
    text: readFileSync(join(root, path), 'utf8'),
  }));
  if (!candidate || !latest) return null;
  if (canonicalJson(JSON.parse(candidate.text)) !== canonicalJson(record)) return null;
  const { stages: keys }: { stages: Record<string, string> } = JSON.parse(latest.text);
  if (stages.some(({ stage, key }) => keys[stage] !== key)) return null;
  // They may have just been written, so they are read again until they have settled.
  const known = ({ text }: { text: string }) => ({ state: '', digest: digestOf(text) });
  return { [candidate.path]: known(candidate), [latest.path]: known(latest) };
}

/** The pinned Node, and the parts of the store that the answer takes to be there; null if one is missing. */
async function readKept({ context, stages }: FoundAnswer): Promise<Record<string, string> | null> {
  const { store, workspace } = context;
  const blobs = await requiredBlobs(context);
  const paths = [process.execPath, ...packPaths(store)];
  for (const { key } of stages) {
    const stored = key && (await store.readRecord(key));
    if (!stored) return null;
    paths.push(store.recordPath(key));
    blobs.push(...artefactDigests(stored.outputs));
  }
  paths.push(...loosePaths(store, blobs));
  const states = paths.map(
    (path) => [path, readFileState(workspace.root, path)?.state ?? ''] as const,
  );
  return states.every(([, state]) => state !== '') ? Object.fromEntries(states) : null;
}

/** The files of the blobs that are in no pack. */
function loosePaths({ packs, objects }: Store, blobs: readonly Digest[]): string[] {
  return blobs.filter((digest) => !packs.find(digest)).map((digest) => objects.pathOf(digest));
}

/** All packs: a lost one may have held any of the blobs. */
function packPaths({ packs }: Store): string[] {
  return packs.packs().flatMap(({ name }) => {
    const path = join(packs.folder, name);
    return [`${path}.pack`, `${path}.idx`];
  });
}

/** Where an optional tensor backend, or its native part, would appear or disappear. */
function packageFolders(root: string): string[] {
  const scopes = readdirSync(join(root, 'node_modules')).filter((name) => name.startsWith('@'));
  const optional = Object.values(drivers).flatMap(({ packages }) => packages);
  const native = optional.flatMap((name) =>
    ['deps', 'deps/lib', 'lib/napi-v8'].map((part) => `${name}/${part}`),
  );
  const installed = relative(root, nativeFolder());
  return [...['', ...scopes, ...native].map((folder) => join('node_modules', folder)), installed];
}

function candidatePath(model: string): string {
  return `${runFolder('', model)}/candidate.json`;
}

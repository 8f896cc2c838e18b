import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../data/index.ts';
import type { FileLog } from '../lib/file-log.ts';
import { digestOf, digestOfNames, type FileState, readFileState } from '../lib/file-state.js';
import { canonicalJson } from '../lib/json.ts';
import { nameOfNode, writeMemory } from '../recall.js';
import { artefactDigests, openModuleCache, runFolder, type StageSummary } from '../stages/index.ts';
import type { ModelRecord } from '../types.ts';

/*
 * Remembers the answer of a run that found nothing to do, with all that it rests on; pipeline/recall.js gives it
 * again. Nothing is listed by hand: the files are those that the process looked at, its own modules included.
 */

/** What an answer was found with. */
export interface Grounds {
  readonly root: string;
  readonly question: string;
  readonly answer: string;
  /** Source files, packages and inputs, noted before they were read. */
  readonly log: FileLog;
  /** The project's data, looked at before it was compared with the lock. */
  readonly data: FileState & { readonly paths: readonly string[] };
  readonly store: Store;
  readonly stages: readonly StageSummary[];
  readonly record: ModelRecord;
}

/**
 * Remembers an answer that was found without any work. Does nothing where a file changed meanwhile, or so lately
 * that a further change might not show.
 */
export async function rememberAnswer(grounds: Grounds): Promise<void> {
  const { root, question, answer, log, data, record } = grounds;
  const results = readResults(grounds);
  const sources = await readSources(root, log);
  const kept = await readKept(grounds);
  if (!data.settled || !sources || !results || !kept) return;
  const folders = packageFolders(root);
  writeMemory(root, question, {
    answer,
    node: nameOfNode(process.execPath),
    files: { ...sources, ...results },
    kept,
    absent: [...log.absent],
    listings: { folders, names: digestOfNames(root, folders) },
    data: { paths: data.paths, state: data.state },
    record: candidatePath(record.model),
    commit: { commit: record.commit, dirty: record.dirty },
  });
}

type KnownFiles = Record<string, { state: string; digest: string; code?: string }>;

/** What was looked at, with its content; null if any of it has changed since, or might have. */
async function readSources(root: string, log: FileLog): Promise<KnownFiles | null> {
  const modules = await openModuleCache(root);
  const files: KnownFiles = {};
  for (const [path, { state, settled }] of log.found) {
    const digest = digestOf(readFileSync(join(root, path)));
    const facts = /\.[cm]?[jt]sx?$/.test(path) ? await modules.facts(path) : null;
    if (!settled || readFileState(root, path)?.state !== state) return null;
    files[path] = { state, digest, ...(facts && { code: facts.digest }) };
  }
  await modules.save();
  return files;
}

/** What the run left for people and later commands; null if another run has replaced it. */
function readResults({ root, record, stages }: Grounds): KnownFiles | null {
  const latestPath = `${runFolder('', record.model)}/latest.json`;
  const [candidate, latest] = [candidatePath(record.model), latestPath].map((path) => ({
    path,
    text: readFileSync(join(root, path), 'utf8'),
  }));
  if (!candidate || !latest) return null;
  if (canonicalJson(JSON.parse(candidate.text)) !== canonicalJson(record)) return null;
  const { stages: keys }: { stages: Record<string, string> } = JSON.parse(latest.text);
  if (stages.some(({ stage, key }) => keys[stage] !== key)) return null;
  // Just written, perhaps: they are read again until they have settled.
  const known = ({ text }: { text: string }) => ({ state: '', digest: digestOf(text) });
  return { [candidate.path]: known(candidate), [latest.path]: known(latest) };
}

/** The pinned Node, and what of the store holds the stages' results; null if some of it is gone. */
async function readKept({ root, store, stages }: Grounds): Promise<Record<string, string> | null> {
  const paths = [process.execPath, ...packPaths(store)];
  for (const { key } of stages) {
    const stored = key && (await store.readRecord(key));
    if (!stored) return null;
    const loose = artefactDigests(stored.outputs).filter((digest) => !store.packs.find(digest));
    paths.push(store.recordPath(key), ...loose.map((digest) => store.objects.pathOf(digest)));
  }
  const states = paths.map((path) => [path, readFileState(root, path)?.state ?? ''] as const);
  return states.every(([, state]) => state !== '') ? Object.fromEntries(states) : null;
}

/** All packs: one that is lost may have held the data. */
function packPaths({ packs }: Store): string[] {
  return packs.packs().flatMap(({ name }) => {
    const path = join(packs.folder, name);
    return [`${path}.pack`, `${path}.idx`];
  });
}

/** Where an optional tensor backend, or the native part of one, would come or go. */
function packageFolders(root: string): string[] {
  const scopes = readdirSync(join(root, 'node_modules')).filter((name) => name.startsWith('@'));
  const native = ['tfjs-node', 'tfjs-node-gpu'].flatMap((name) =>
    ['deps', 'deps/lib', 'lib/napi-v8'].map((part) => `@tensorflow/${name}/${part}`),
  );
  return ['', ...scopes, ...native].map((folder) => join('node_modules', folder));
}

function candidatePath(model: string): string {
  return `${runFolder('', model)}/candidate.json`;
}

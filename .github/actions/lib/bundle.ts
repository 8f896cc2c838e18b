import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Static, type TSchema, Type } from 'typebox';
import { Clean } from 'typebox/value';
import { costOf } from '../../../pipeline/operations/cost-of.ts';
import { intervalsOf } from '../../../pipeline/operations/intervals-of.ts';
import { writeCards } from '../../../platform/cards/index.ts';
import { canonicalJson } from '../../../platform/lib/canonical-json.ts';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { parseJson } from '../../../platform/lib/json.ts';
import { writeJson } from '../../../platform/lib/json-file.ts';
import { readFile } from '../../../platform/lib/read-text.ts';
import { ModelRecord, RunCost, type Workspace } from '../../../platform/schemas/index.ts';
import {
  artefactReferences,
  createFolderRemote,
  openStore,
  push,
  readLock,
} from '../../../platform/storage/index.ts';

/** The training job's result for one project, as the trusted job reads it. Its content is untrusted. */
export interface Bundle {
  readonly candidate: ModelRecord;
  /** Folder remote with the candidate's artefacts. */
  readonly blobs: string;
  /** What training cost; null if it does not say. */
  readonly cost: RunCost | null;
}

/** What an experiment planned: the projects whose run key differs from what serves. Untrusted. */
export const Plan = Type.Object(
  {
    version: Type.Literal(1),
    affected: Type.Array(Type.String({ pattern: '^[a-z0-9][a-z0-9-]*$', maxLength: 64 }), {
      maxItems: 50,
    }),
  },
  { additionalProperties: false },
);
export type Plan = Static<typeof Plan>;

/** Largest JSON file that is read from an artefact: any pull request may have made it, and git would keep it forever. */
const maximumBytes = 1024 * 1024;

/** Name of the artefact of a project's result: one per attempt, so that a second attempt never mixes with the first. */
export function artefactName(part: string, attempt: string | number): string {
  return `experiment-${part}-${attempt}`;
}

/**
 * The folder of an experiment's artefact: of the newest attempt up to this one, since re-running the failed jobs
 * leaves the results of the others where they were.
 *
 * @returns null if there is none
 */
export async function findArtefact(
  downloads: string,
  part: string,
  attempt: number,
): Promise<string | null> {
  const entries = existsSync(downloads) ? await readdir(downloads) : [];
  for (let number = attempt; number >= 1; number--) {
    const name = artefactName(part, number);
    if (entries.includes(name)) return join(downloads, name);
  }
  return null;
}

/** Reads an experiment's plan; null if it has none. @throws MainstemError BUNDLE_INVALID, JSON_INVALID */
export async function readPlan(downloads: string, attempt: number): Promise<Plan | null> {
  const folder = await findArtefact(downloads, 'plan', attempt);
  return folder === null ? null : readCapped(join(folder, 'plan.json'), Plan);
}

/**
 * Reads a project's bundle: `candidate.json`, `cost.json` and `blobs/`. Nothing in it is trusted beyond its schema, which has no
 * room for more than it names; which pull request it belongs to comes from the event, never from here.
 *
 * @param project one that the default branch knows
 * @returns null if the experiment left none
 * @throws MainstemError BUNDLE_INVALID, JSON_INVALID
 */
export async function readBundle(
  downloads: string,
  project: string,
  attempt: number,
): Promise<Bundle | null> {
  const folder = await findArtefact(downloads, project, attempt);
  if (!folder) return null;
  const candidate = await readCapped(join(folder, 'candidate.json'), ModelRecord);
  if (candidate.model !== project) throw invalid(folder, `it is of the model ${candidate.model}`);
  const paid = join(folder, 'cost.json');
  const cost = existsSync(paid) ? await readCapped(paid, RunCost) : null;
  return { candidate, cost, blobs: join(folder, 'blobs') };
}

async function readCapped<T extends TSchema>(path: string, schema: T): Promise<Static<T>> {
  const { size } = await stat(path).catch(() => {
    throw invalid(path, 'is missing');
  });
  if (size > maximumBytes) throw invalid(path, `has ${size} bytes, more than ${maximumBytes}`);
  return parseClosed(await readFile(path, 'utf8'), schema, path);
}

/**
 * Parses untrusted JSON: unknown properties are refused at any depth, because what nobody reads nobody
 * reviews either.
 *
 * @throws MainstemError JSON_INVALID, BUNDLE_INVALID
 */
export function parseClosed<T extends TSchema>(text: string, schema: T, path: string): Static<T> {
  const value = parseJson(text, schema, path);
  if (canonicalJson(Clean(schema, structuredClone(value))) === canonicalJson(value)) return value;
  throw invalid(path, 'has properties that its schema does not name');
}

function invalid(path: string, reason: string): MainstemError {
  return new MainstemError('BUNDLE_INVALID', { path, reason });
}

/**
 * Writes what the trusted job needs: the record, what it cost, and the artefacts as a folder remote; and, for whoever
 * downloads it, the model's cards, which that job does not read.
 *
 * @throws MainstemError STORE_*, REMOTE_*
 */
export async function writeBundle(
  workspace: Workspace,
  folder: string,
  record: ModelRecord,
): Promise<void> {
  await writeJson(join(folder, 'candidate.json'), record);
  const store = openStore(workspace.root);
  const intervals = (await intervalsOf(store, record)) ?? [];
  const lock = await readLock(workspace.root);
  await writeCards(join(folder, 'cards'), record, lock, { intervals });
  const cost = await costOf(store, record);
  if (cost) await writeJson(join(folder, 'cost.json'), cost);
  const remote = createFolderRemote(join(folder, 'blobs'));
  await push({ workspace, store, remote }, artefactReferences(record));
}

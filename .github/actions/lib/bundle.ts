import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { parseJson } from '../../../platform/lib/json.ts';
import { writeJson } from '../../../platform/lib/json-file.ts';
import { artefactsOf } from '../../../platform/registry/index.ts';
import { Report } from '../../../platform/report/index.ts';
import { ModelRecord, type Workspace } from '../../../platform/schemas/index.ts';
import {
  createFolderRemote,
  openRemote,
  openStore,
  pull,
  push,
  type References,
} from '../../../platform/storage/index.ts';

/** The training job's results for one project, as the trusted job reads them. Their content is untrusted. */
export interface Bundle {
  readonly report: Report;
  readonly candidate: ModelRecord;
  /** Folder remote with the candidate's artefacts. */
  readonly blobs: string;
}

/** Largest JSON file that is read from an artefact: any pull request may have made it. */
const maximumBytes = 4 * 1024 * 1024;
const maximumBundles = 20;

/**
 * Reads all bundles below a folder: `<project>/{report.json,candidate.json,blobs/}`. Nothing in them is
 * trusted beyond its schema; which pull request they belong to comes from the event, never from here.
 *
 * @throws MainstemError BUNDLE_INVALID, JSON_INVALID
 */
export async function readBundles(folder: string): Promise<Bundle[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  if (names.length > maximumBundles) {
    throw invalid(folder, `${names.length} projects, more than ${maximumBundles}`);
  }
  return Promise.all(names.sort().map((name) => readBundle(folder, name)));
}

async function readBundle(folder: string, name: string): Promise<Bundle> {
  const report = await readCapped(join(folder, name, 'report.json'), Report);
  const candidate = await readCapped(join(folder, name, 'candidate.json'), ModelRecord);
  if (
    report.project.name !== name ||
    candidate.model !== name ||
    report.candidate.run !== candidate.run
  ) {
    throw invalid(join(folder, name), 'the report and the candidate are from different runs');
  }
  return { report, candidate, blobs: join(folder, name, 'blobs') };
}

async function readCapped<T extends typeof Report | typeof ModelRecord>(path: string, schema: T) {
  const { size } = await stat(path).catch(() => {
    throw invalid(path, 'is missing');
  });
  if (size > maximumBytes) throw invalid(path, `has ${size} bytes, more than ${maximumBytes}`);
  return parseJson(await readFile(path, 'utf8'), schema, path);
}

function invalid(path: string, reason: string): MainstemError {
  return new MainstemError('BUNDLE_INVALID', { path, reason });
}

/**
 * Writes what the trusted job needs: report, record, and the artefacts as a folder remote.
 *
 * @throws MainstemError STORE_*, REMOTE_*
 */
export async function writeBundle(
  workspace: Workspace,
  folder: string,
  { report, record }: { readonly report: Report; readonly record: ModelRecord },
): Promise<void> {
  await writeJson(join(folder, 'report.json'), report);
  await writeJson(join(folder, 'candidate.json'), record);
  const store = openStore(workspace.root);
  const remote = createFolderRemote(join(folder, 'blobs'));
  await push({ workspace, store, remote }, servingReferences(record));
}

/**
 * Sends a bundle's artefacts to the remote that serving and the next comparison read. Every blob is verified
 * against the digest that the record names.
 *
 * @throws MainstemError BUNDLE_INVALID, REMOTE_CORRUPT, REMOTE_FAILED
 */
export async function keepArtefacts(
  workspace: Workspace,
  { candidate, blobs }: Bundle,
  address: string,
): Promise<void> {
  // A separate store next to the download: nothing untrusted gets into the workspace.
  const store = openStore(workspace.root, `${blobs}-store`);
  const references = servingReferences(candidate);
  const here = { workspace, store, remote: createFolderRemote(blobs) };
  const { missing } = await pull(here, async () => references);
  if (missing.length > 0) {
    const lost = missing.map(({ digest }) => digest).join(', ');
    throw invalid(blobs, `it lacks artefacts that its record names: ${lost}`);
  }
  const remote = await openRemote(workspace.root, { option: address, environment: {} });
  await push({ workspace, store, remote }, references);
}

/** The artefacts that are needed to serve a record and to compare with it. */
function servingReferences(record: ModelRecord): References {
  const by = `${record.model} ${record.run}`;
  const blobs = new Map(artefactsOf(record).map(({ artefact }) => [artefact.digest, by]));
  return { blobs, records: new Map() };
}

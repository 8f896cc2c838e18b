import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { MainstemError } from '../../lib/errors.ts';
import { digestBytes } from '../../lib/hash.ts';
import { openRegular } from '../../lib/read-text.ts';
import type { DatasetDefinition, Project } from '../../schemas/define/index.ts';
import type { DataLock, Workspace } from '../../schemas/index.ts';
import type { WorkingDataset } from '../lock/hash-dataset.ts';
import { describeNotes, mergeLock, recordDataset } from '../lock/lock.ts';
import { datasetsOf } from '../lock/locked-of.ts';
import { encodeManifest } from '../lock/manifest.ts';
import { assertOneDefinition } from '../lock/shared-datasets.ts';
import { freshen } from '../store/freshen.ts';
import type { Store } from '../store/store.ts';
import {
  type DvcOutput,
  type DvcRepository,
  listDvcOutput,
  readDvcRepository,
} from './dvc-repository.ts';

/** What an import did. */
export interface DvcImport {
  readonly lock: DataLock;
  readonly imported: readonly {
    readonly dataset: string;
    readonly files: number;
    readonly bytes: number;
  }[];
  /** What DVC tracks but no project's dataset has the path of. */
  readonly left: readonly string[];
}

/**
 * Stores what a DVC repository tracks at the paths of the projects' datasets, straight from its cache or a remote on
 * this machine, and writes it into `data.lock.json`. The lock is the one that `lock` would write after `dvc checkout`,
 * but the working copy is not needed. Every object is compared with its MD5.
 *
 * @param folder of the DVC repository
 * @throws MainstemError DVC_INVALID, DVC_MISSING, DVC_CORRUPT, DVC_UNRELATED, DATA_INVALID, DATA_CONTRADICTED, FILE_UNREADABLE
 */
export async function importDvc(
  workspace: Workspace,
  store: Store,
  folder: string,
  projects: readonly Project[],
): Promise<DvcImport> {
  await assertOneDefinition(workspace.root, projects);
  const repository = await readDvcRepository(folder);
  const datasets: DataLock['datasets'] = {};
  const imported: { dataset: string; files: number; bytes: number }[] = [];
  const used = new Set<DvcOutput>();
  for (const project of projects) {
    for (const dataset of datasetsOf(project)) {
      const output = findOutput(repository, dataset);
      if (!output) continue;
      used.add(output);
      const working = await storeOutput(workspace, store, repository, output);
      for (const note of describeNotes(working))
        workspace.reporter.info(`${dataset.name}: ${note}`);
      datasets[dataset.name] = await recordDataset(store, project, dataset, working);
      const bytes = working.entries().reduce((sum, entry) => sum + entry.bytes, 0);
      imported.push({ dataset: dataset.name, files: working.hashed, bytes });
    }
  }
  const left = repository.outputs.filter((output) => !used.has(output)).map(({ path }) => path);
  if (imported.length === 0) {
    const paths = projects.flatMap(datasetsOf).map(({ path }) => path);
    const details = { folder, tracked: left.join(', ') || 'nothing', paths: paths.join(', ') };
    throw new MainstemError('DVC_UNRELATED', details);
  }
  const lock = await mergeLock(workspace, datasets);
  return { lock, imported, left };
}

function findOutput({ outputs }: DvcRepository, { path }: DatasetDefinition) {
  return outputs.find((output) => output.path === path.replace(/\/$/, ''));
}

async function storeOutput(
  { reporter, signal }: Workspace,
  store: Store,
  repository: DvcRepository,
  output: DvcOutput,
): Promise<WorkingDataset> {
  const { files, hidden } = await listDvcOutput(repository, output);
  const progress = reporter.progress('Storing', files.length, 'files');
  try {
    for (const { file, md5, path } of files) {
      signal.throwIfAborted();
      await assertMd5(file, md5, path);
    }
    const paths = files.map(({ file }) => file);
    const stored = await store.putFiles(paths, { onProgress: progress.update, signal });
    const entries = stored.map(({ digest, bytes }, at) => ({
      path: files[at]?.path ?? '',
      digest,
      bytes,
    }));
    const manifest = encodeManifest(entries);
    const { digest } = await store.put(new TextEncoder().encode(manifest), 'text/plain');
    await freshen(store, [digest, ...entries.map((entry) => entry.digest)]);
    return {
      kind: output.md5.endsWith('.dir') ? 'images' : 'table',
      digest: digestBytes(manifest),
      entries: () => entries,
      manifest: () => manifest,
      hashed: entries.length,
      leftOut: { link: [], 'special file': [], 'empty folder': [], 'hidden name': hidden },
    };
  } finally {
    progress.end();
  }
}

async function assertMd5(file: string, expected: string, path: string): Promise<void> {
  const hash = createHash('md5');
  const opened = await openRegular(file);
  // The stream closes it.
  await pipeline(opened.createReadStream(), hash);
  const found = hash.digest('hex');
  if (found !== expected) throw new MainstemError('DVC_CORRUPT', { path, file, expected, found });
}

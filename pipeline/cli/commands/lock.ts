import type { Command } from 'commander';
import { ownValue } from '../../../platform/lib/own-value.ts';
import type { BlobStore, DataLock } from '../../../platform/schemas/index.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { loadProjects } from '../projects.ts';

/** `lock`: stores the data and writes data.lock.json. */
export function registerLock(program: Command): void {
  program
    .command('lock [projects...]')
    .description('store the data and record it in data.lock.json')
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem lock pumpkins')
    .action(runLock);
}

async function runLock(names: string[], options: CommonOptions): Promise<void> {
  const workspace = openWorkspace(options);
  const { diffLocks, lockProject, openStore, readLock, renderDataDiff } = await import(
    '../../../platform/storage/index.ts'
  );
  const store = openStore(workspace.root);
  const before = await readLock(workspace.root);
  let after = before;
  for (const project of await loadProjects(workspace.root, names)) {
    after = await lockProject(workspace, store, project);
  }
  const known = await withKnownManifests(store, before);
  const diff = await diffLocks(store, known, await withKnownManifests(store, after));
  const changes =
    Object.keys(diff.datasets).length === 0 ? 'Nothing changed.' : renderDataDiff(diff);
  const moved = Object.entries(after.datasets).flatMap(([name, { path }]) => {
    const old = ownValue(before.datasets, name)?.path ?? path;
    return old === path ? [] : [`${name}: now at ${path} (was at ${old}).`];
  });
  const text = `${[changes, ...moved].join('\n')}\nDatasets in data.lock.json: ${Object.keys(after.datasets).join(', ')}.`;
  printResult(options, { lock: after, diff }, text);
}

/** On a fresh clone the manifests of other datasets are not here: what was not locked now is not compared. */
async function withKnownManifests(store: BlobStore, lock: DataLock): Promise<DataLock> {
  const datasets: DataLock['datasets'] = {};
  for (const [name, dataset] of Object.entries(lock.datasets)) {
    if (await store.has(dataset.digest)) datasets[name] = dataset;
  }
  return { ...lock, datasets };
}

import { type Command, Option } from 'commander';
import { ownValue } from '../../../platform/lib/own-value.ts';
import { plural } from '../../../platform/lib/plural.ts';
import type { BlobStore, DataLock, Workspace } from '../../../platform/schemas/index.ts';
import type { PreferredSide } from '../../../platform/storage/index.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { loadProjects } from '../projects.ts';

/** `lock`: stores the data and writes data.lock.json. */
export function registerLock(program: Command): void {
  program
    .command('lock [projects...]')
    .description('store the data and record it in data.lock.json')
    .addOption(
      new Option(
        '--join [side]',
        'resolve a merge conflict in data.lock.json: take the data of both sides and, of files that both changed, those of one',
      ).choices(['ours', 'theirs']),
    )
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem lock pumpkins')
    .action(runLock);
}

interface LockOptions extends CommonOptions {
  readonly join?: true | PreferredSide;
}

async function runLock(names: string[], options: LockOptions): Promise<void> {
  const workspace = openWorkspace(options);
  if (options.join) return runJoin(workspace, options);
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

/** The datasets of all projects, since the conflict is one of the whole file. */
async function runJoin(workspace: Workspace, options: LockOptions): Promise<void> {
  const { joinLock, openStore } = await import('../../../platform/storage/index.ts');
  const projects = await loadProjects(workspace.root, []);
  const store = openStore(workspace.root);
  const prefer = options.join === true ? undefined : options.join;
  const lock = await joinLock({ workspace, store, projects, prefer });
  const counts = Object.entries(lock?.datasets ?? {}).map(
    ([name, { files }]) => `${name}: ${plural(files, 'file')}`,
  );
  const text = lock
    ? `${counts.join('\n')}\nJoined. Next: git add data.lock.json && npx mainstem pull && npx mainstem checkout`
    : 'There is no merge conflict in data.lock.json.';
  printResult(options, { lock }, text);
}

/** On a fresh clone the manifests of other datasets are not here: what was not locked now is not compared. */
async function withKnownManifests(store: BlobStore, lock: DataLock): Promise<DataLock> {
  const datasets: DataLock['datasets'] = {};
  for (const [name, dataset] of Object.entries(lock.datasets)) {
    if (await store.has(dataset.digest)) datasets[name] = dataset;
  }
  return { ...lock, datasets };
}

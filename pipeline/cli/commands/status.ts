import type { Command } from 'commander';
import { plural } from '../../../platform/lib/plural.ts';
import type { DatasetStatus } from '../../../platform/storage/index.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { loadProjects } from '../projects.ts';

interface StatusOptions extends CommonOptions {
  readonly check?: boolean;
}

/** `status`: the data on disk against the lock, and whether the store has everything. */
export function registerStatus(program: Command): void {
  program
    .command('status [projects...]')
    .description('compare the data with data.lock.json; unchanged files are not read again')
    .option('--check', 'exit with 1 unless all data is locked, unchanged and in the store')
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem status')
    .action(runStatus);
}

async function runStatus(names: string[], options: StatusOptions): Promise<void> {
  const workspace = openWorkspace(options);
  const { openStore, readLock, readStatus } = await import('../../../platform/storage/index.ts');
  const store = openStore(workspace.root);
  const lock = await readLock(workspace.root);
  const found: DatasetStatus[] = [];
  for (const project of await loadProjects(workspace.root, names)) {
    found.push(...(await readStatus(workspace, store, lock, project)));
  }
  const { renderChangeCounts, renderChanges } = await import('../../../platform/storage/index.ts');
  const lines = found.flatMap((status) => [
    `${status.dataset}: ${renderState(status, renderChangeCounts(status.changes))}${renderMissing(status)}`,
    ...renderChanges(status.changes),
  ]);
  printResult(options, found, lines.join('\n'));
  const clean = found.every(({ state, missing }) => state === 'clean' && missing.length === 0);
  if (options.check && !clean) process.exitCode = 1;
}

function renderState({ state, path, project }: DatasetStatus, counts: string): string {
  const texts: Record<DatasetStatus['state'], string> = {
    clean: 'as locked',
    changed: `${counts || 'different files from the lock'} since the lock ("npx mainstem lock ${project}" records it)`,
    unlocked: `not locked yet ("npx mainstem lock ${project}")`,
    absent: `nothing at ${path} ("npx mainstem checkout" writes it)`,
    unknown: 'differs from the lock; cannot tell how: the store lacks its manifest',
  };
  return texts[state];
}

function renderMissing({ missing }: DatasetStatus): string {
  return missing.length === 0
    ? ''
    : `; the store lacks ${plural(missing.length, 'file')}, or has only damaged copies ("npx mainstem pull", or "lock" stores what is here)`;
}

import type { Command } from 'commander';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from './command.ts';
import { readLockAt } from './projects.ts';

/** `diff`: what changed in the locked data between two revisions. */
export function registerDiff(program: Command): void {
  program
    .command('diff [before] [after]')
    .description(
      'show files and classes added, removed, modified and relabelled between two git revisions (default: HEAD and the working tree)',
    )
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem diff main')
    .action(runDiff);
}

async function runDiff(
  before = 'HEAD',
  after: string | undefined,
  options: CommonOptions,
): Promise<void> {
  const { root } = openWorkspace(options);
  const { diffLocks, openStore, renderDataDiff } = await import('../data/index.ts');
  const [old, fresh] = await Promise.all([readLockAt(root, before), readLockAt(root, after)]);
  const diff = await diffLocks(openStore(root), old, fresh);
  const hint = after === undefined ? '\nUnlocked changes: see "npx mainstem status".' : '';
  printResult(options, diff, renderDataDiff(diff) + hint);
}

import type { Command } from 'commander';
import type { BlobStore, DataLock, Workspace } from '../../../platform/schemas/index.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { loadProjects, readLockAt } from '../projects.ts';

/** `diff`: what changed in the data between two revisions, or since one. */
export function registerDiff(program: Command): void {
  program
    .command('diff [before] [after]')
    .description(
      'show files and classes added, removed, modified and relabelled: from a git revision (default: HEAD) to the data on disk, or between two revisions',
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
  const workspace = openWorkspace(options);
  const { diffLocks, renderDataDiff } = await import('../../../platform/storage/index.ts');
  const old = await readLockAt(workspace.root, before);
  const { lock, blobs, absent } = await readAfter(workspace, after);
  const diff = await diffLocks(blobs, old, lock);
  const notes = absent.map(
    (name) => `${name}: nothing on disk ("npx mainstem checkout" writes it), compared as locked`,
  );
  printResult(options, { ...diff, absent }, [renderDataDiff(diff), ...notes].join('\n'));
}

/** The lock at a revision, or what is on disk. */
async function readAfter(
  workspace: Workspace,
  revision: string | undefined,
): Promise<{ lock: DataLock; blobs: BlobStore; absent: readonly string[] }> {
  const { root } = workspace;
  const { openStore, readWorkingData } = await import('../../../platform/storage/index.ts');
  const store = openStore(root);
  if (revision === undefined)
    return readWorkingData(workspace, store, await loadProjects(root, []));
  return { lock: await readLockAt(root, revision), blobs: store, absent: [] };
}

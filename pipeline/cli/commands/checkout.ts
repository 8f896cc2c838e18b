import type { Command } from 'commander';
import type { MainstemError } from '../../../platform/lib/errors.ts';
import { plural } from '../../../platform/lib/plural.ts';
import type { CheckoutResult } from '../../../platform/storage/index.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { readLockAt, selectDatasets } from '../projects.ts';

interface CheckoutOptions extends CommonOptions {
  readonly force?: boolean;
  readonly project?: string[];
}

/** `checkout`: makes the data on disk what a lock says. */
export function registerCheckout(program: Command): void {
  program
    .command('checkout [revision]')
    .description('write the data of data.lock.json, or of a git revision, into the working tree')
    .option('-f, --force', 'overwrite unlocked changes and remove files that are not locked')
    .option('-p, --project <names...>', 'only the data of these projects')
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem checkout HEAD~1')
    .action(runCheckout);
}

async function runCheckout(revision: string | undefined, options: CheckoutOptions): Promise<void> {
  const workspace = openWorkspace(options);
  const { root } = workspace;
  const { checkoutDataset, collectStoreErrors, openStore } = await import(
    '../../../platform/storage/index.ts'
  );
  const store = openStore(root);
  const lock = await readLockAt(root, revision);
  const { datasets } = await selectDatasets(root, lock, options.project ?? []);
  const done: Record<string, CheckoutResult> = {};
  const failures: MainstemError[] = [];
  for (const [name, dataset] of Object.entries(datasets)) {
    const result = await checkoutDataset(workspace, store, dataset, options.force ?? false).catch(
      collectStoreErrors(failures),
    );
    if (result) done[name] = result;
  }
  const [first] = failures;
  if (first) throw first;
  const lines = Object.entries(done).map(([name, result]) => `${name}: ${renderResult(result)}`);
  printResult(options, done, lines.join('\n') || 'No dataset is locked.');
}

function renderResult({
  tracked,
  written,
  unchanged,
  removed,
  extra,
  path,
}: CheckoutResult): string {
  if (tracked) return `${path} is tracked by git itself and left alone`;
  const parts = [`${plural(written, 'file')} written`, `${unchanged} unchanged`];
  if (removed > 0) parts.push(`${removed} removed`);
  if (extra.length > 0) parts.push(`${extra.length} not in the lock left (--force removes them)`);
  return parts.join(', ');
}

import type { Command } from 'commander';
import { plural } from '../../../platform/lib/plural.ts';
import type { Project } from '../../../platform/schemas/define/index.ts';
import type { Workspace } from '../../../platform/schemas/index.ts';
import type { CheckoutResult } from '../../../platform/storage/index.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import {
  attempt,
  describeFailure,
  type Failure,
  renderFailure,
  settleFailures,
} from '../failures.ts';
import { parseTexts } from '../options.ts';
import { loadProjects, namesOrAll, readLockAt, selectDatasets } from '../projects.ts';

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
    .option('-p, --project <names...>', 'only the data of these projects', parseTexts)
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem checkout HEAD~1')
    .action(runCheckout);
}

async function runCheckout(revision: string | undefined, options: CheckoutOptions): Promise<void> {
  const workspace = openWorkspace(options);
  const { root } = workspace;
  const { assertPlace, checkoutDataset, openStore } = await import(
    '../../../platform/storage/index.ts'
  );
  const store = openStore(root);
  const lock = await readLockAt(root, revision);
  const { datasets } = await selectDatasets(root, lock, options.project ?? []);
  const projects = await loadSoundProjects(workspace, options.project ?? []);
  const done = new Map<string, CheckoutResult>();
  const failures: Failure[] = [];
  for (const [name, dataset] of Object.entries(datasets)) {
    const result = await attempt(name, failures, async () => {
      await assertPlace(root, name, dataset, projects);
      return checkoutDataset(workspace, store, dataset, options.force ?? false);
    });
    if (result) done.set(name, result);
  }
  settleFailures(failures, done.size);
  const failed = failures.map((failure) => [failure.name, describeFailure(failure)] as const);
  const lines = [
    ...[...done].map(([name, result]) => `${name}: ${renderResult(result)}`),
    ...failures.map(renderFailure),
  ];
  const value = Object.fromEntries([...done, ...failed]);
  printResult(options, value, lines.join('\n') || 'No dataset is locked.');
}

/** Data can be written even if a project cannot be loaded; then nobody knows where that project has its data. */
async function loadSoundProjects(
  { root, reporter }: Workspace,
  names: readonly string[],
): Promise<Project[]> {
  const failures: Failure[] = [];
  const projects: Project[] = [];
  for (const name of await namesOrAll(root, names)) {
    projects.push(...((await attempt(name, failures, () => loadProjects(root, [name]))) ?? []));
  }
  for (const failure of failures) reporter.warn(renderFailure(failure));
  return projects;
}

function renderResult({
  tracked,
  differs,
  written,
  unchanged,
  removed,
  extra,
  path,
}: CheckoutResult): string {
  if (tracked) {
    const left = `${path} is tracked by git itself and left alone`;
    return differs ? `${left}, but is not what the lock says: see git status` : left;
  }
  const parts = [`${plural(written, 'file')} written`, `${unchanged} unchanged`];
  if (removed > 0) parts.push(`${removed} removed`);
  if (extra.length > 0) parts.push(`${extra.length} not in the lock left (--force removes them)`);
  return parts.join(', ');
}

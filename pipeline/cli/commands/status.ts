import type { Command } from 'commander';
import { plural } from '../../../platform/lib/plural.ts';
import type { DatasetStatus } from '../../../platform/storage/index.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import {
  attempt,
  describeFailure,
  type Failure,
  renderFailure,
  settleFailures,
} from '../failures.ts';
import { loadProjects, namesOrAll } from '../projects.ts';

interface StatusOptions extends CommonOptions {
  readonly check?: boolean;
}

/** `status`: the data on disk against the lock, whether the store has everything, and what is tried beside production. */
export function registerStatus(program: Command): void {
  program
    .command('status [projects...]')
    .description('compare the data with data.lock.json; unchanged files are not read again')
    .option(
      '--check',
      'exit with 1 unless all data is locked, unchanged and in the store, and counted right in the lock',
    )
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
  const failures: Failure[] = [];
  const makers = new Set<string>();
  for (const name of await namesOrAll(workspace.root, names)) {
    const statuses = await attempt(name, failures, async () => {
      const projects = await loadProjects(workspace.root, [name]);
      const recount = options.check === true;
      for (const { definition } of projects) if (definition.collect) makers.add(definition.name);
      return Promise.all(
        projects.map((one) => readStatus(workspace, store, lock, one, { recount })),
      );
    });
    found.push(...(statuses ?? []).flat());
  }
  settleFailures(failures, found.length);
  const { renderChangeCounts, renderChanges, renderLeftOut } = await import(
    '../../../platform/storage/index.ts'
  );
  const lines = found.flatMap((status) => [
    `${status.dataset}: ${renderState(status, renderChangeCounts(status.changes), makers.has(status.project))}${renderMissing(status)}`,
    ...renderChanges(status.changes),
    ...[
      renderPlace(status),
      renderLeftOut(status.leftOut),
      ...renderContradictions(status),
      ...renderShared(status),
    ]
      .filter(Boolean)
      .map((line) => `  ${line}`),
  ]);
  const { describeTrials } = await import('../../../platform/registry/index.ts');
  for (const name of new Set(found.map(({ project }) => project)))
    lines.push(...(await describeTrials(workspace.root, name)).map((line) => `${name}, ${line}`));
  const failed = failures.map((one) => ({ project: one.name, ...describeFailure(one) }));
  printResult(
    options,
    [...found, ...failed],
    [...lines, ...failures.map(renderFailure)].join('\n'),
  );
  if (options.check && !found.every(isClean)) process.exitCode ??= 1;
}

function isClean(status: DatasetStatus): boolean {
  const { state, missing, lockedPath, contradictions } = status;
  const intact = state === 'clean' && missing.length === 0 && lockedPath === null;
  return intact && contradictions.length === 0 && !isDisputed(status);
}

/** Whether another project defines it differently: nobody can lock it then. */
function isDisputed({ shared }: DatasetStatus): boolean {
  return shared.some(({ differences }) => differences.length > 0);
}

function renderContradictions(status: DatasetStatus): string[] {
  const advice = isDisputed(status) ? '' : ` ("npx mainstem lock ${status.project}" counts again)`;
  return status.contradictions.map((one) => `${one}${advice}`);
}

function renderShared({ shared, project }: DatasetStatus): string[] {
  return shared.map(({ project: other, differences }) =>
    differences.length === 0
      ? `also a dataset of ${other}: both have this entry of the lock`
      : `${other} defines it differently: ${differences.join('; ')} (name it otherwise in one of the two, or define it equally: until then neither "lock ${project}" nor "lock ${other}" writes it)`,
  );
}

function renderPlace(status: DatasetStatus): string {
  const { lockedPath, path, project } = status;
  if (lockedPath === null) return '';
  const advice = isDisputed(status) ? '' : ` ("npx mainstem lock ${project}" records where it is)`;
  return `data.lock.json has it at ${lockedPath}, project.ts at ${path}${advice}`;
}

/** @param made whether the project can make its own data */
function renderState(
  { state, path, project, missing }: DatasetStatus,
  counts: string,
  made: boolean,
): string {
  const texts: Record<DatasetStatus['state'], string> = {
    clean: 'as locked',
    changed: `${counts || 'different files from the lock'} since the lock ("npx mainstem lock ${project}" records it)`,
    unlocked: `not locked yet ("npx mainstem lock ${project}")`,
    absent: `nothing at ${path} (${missing.length > 0 && made ? `"npx mainstem collect ${project}" makes it` : '"npx mainstem checkout" writes it'})`,
    unknown: 'differs from the lock; cannot tell how: the store lacks its manifest',
  };
  return texts[state];
}

function renderMissing({ missing, state }: DatasetStatus): string {
  if (missing.length === 0) return '';
  const here = state === 'absent' ? '' : ', or "lock" stores what is here';
  return `; the store lacks ${plural(missing.length, 'file')}, or has only damaged copies ("npx mainstem pull"${here})`;
}

import { type Command, Option } from 'commander';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { firstLine } from '../../../platform/lib/first-line.ts';
import { ownValue } from '../../../platform/lib/own-value.ts';
import { plural } from '../../../platform/lib/plural.ts';
import { printable } from '../../../platform/lib/printable.ts';
import type { Project } from '../../../platform/schemas/define/index.ts';
import type { BlobStore, DataLock, Workspace } from '../../../platform/schemas/index.ts';
import type { AppliedCorrections, Moves, PreferredSide } from '../../../platform/storage/index.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { parsePath } from '../options.ts';
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
    .option(
      '--corrections <file>',
      'first give examples of one project the labels that this file corrects',
      parsePath,
    )
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem lock pumpkins')
    .action(runLock);
}

interface LockOptions extends CommonOptions {
  readonly join?: true | PreferredSide;
  readonly corrections?: string;
}

async function runLock(names: string[], options: LockOptions): Promise<void> {
  const workspace = openWorkspace(options);
  if (options.join) return runJoin(workspace, options);
  const storage = await import('../../../platform/storage/index.ts');
  const { diffLocks, findReplaced, lockProject, openStore, readLock, renderDataDiff } = storage;
  const store = openStore(workspace.root);
  const before = await readLock(workspace.root);
  let after = before;
  const projects = await loadProjects(workspace.root, names);
  await storage.assertOneDefinition(workspace.root, projects);
  const applied = await applyTo(workspace, projects, options);
  for (const project of projects) after = await lockProject(workspace, store, project);
  const moves = await countAllMoves(store, projects, before, after);
  const known = await withKnownManifests(store, before);
  const replaced = findReplaced(before, after, known);
  const comparable = without(await withKnownManifests(store, after), Object.keys(replaced));
  const diff = await diffLocks(store, known, comparable);
  const facts = storage.describeChangedFacts(before, after);
  const changes = [
    ...(Object.keys(diff.datasets).length === 0 ? [] : [renderDataDiff(diff)]),
    ...Object.entries(replaced).map(([name, pair]) => storage.renderReplaced(name, pair)),
    ...facts,
  ];
  const unjoined = await findUnjoined(workspace, projects);
  const text = [
    ...(applied ? renderApplied(applied) : []),
    ...(changes.length === 0 ? ['Nothing changed.'] : changes),
    ...Object.entries(moves).map(([name, found]) => storage.renderMoves(name, found)),
    ...Object.entries(unjoined).map(([name, faults]) => renderUnjoined(name, faults)),
    `Datasets in data.lock.json: ${Object.keys(after.datasets).join(', ')}.`,
  ].join('\n');
  printResult(
    options,
    {
      ...{ lock: after, diff, replaced, moves },
      ...(Object.keys(unjoined).length > 0 && { unjoined }),
      ...(applied && { corrections: applied }),
    },
    text,
  );
}

/** By project. The lock is what the user said; that its table was joined from other files than it names, they may not know. */
async function findUnjoined(
  workspace: Workspace,
  projects: readonly Project[],
): Promise<Record<string, string[]>> {
  const { findJoinFaults } = await import('../../joined-table.ts');
  const found: [string, string[]][] = [];
  for (const project of projects) {
    // A note that cannot be read is for who joins again to hear of, not a reason to lock nothing.
    const faults = await findJoinFaults({ workspace, project }).catch((error: unknown) => [
      firstLine(error),
    ]);
    if (faults.length > 0) found.push([project.definition.name, faults]);
  }
  return Object.fromEntries(found);
}

function renderUnjoined(name: string, faults: readonly string[]): string {
  return (
    `${name}: ${faults.join('; ')}. The locked table is not what its features would be joined to now: ` +
    `"npx mainstem features join ${name}", then "npx mainstem lock ${name}".`
  );
}

/** Applies a corrections file. @throws MainstemError CORRECTIONS_PROJECT if it is not clear to which project */
async function applyTo(
  workspace: Workspace,
  projects: readonly Project[],
  { corrections }: LockOptions,
): Promise<AppliedCorrections | null> {
  if (corrections === undefined) return null;
  const [project] = projects;
  if (!project || projects.length > 1) {
    throw new MainstemError('CORRECTIONS_PROJECT', { projects: projects.length });
  }
  const { applyCorrections } = await import('../../../platform/storage/index.ts');
  const applied = await applyCorrections(workspace, project, corrections);
  // A file of other data, most likely: whoever runs this in a script has to notice.
  const { changed, missing, left } = applied;
  if (missing.length > 0 && changed.length + left.length === 0) process.exitCode = 1;
  return applied;
}

function renderApplied({ changed, missing, left }: AppliedCorrections): string[] {
  const some = (names: readonly string[]) => names.slice(0, 5).map(printable).join(', ');
  return [
    `${plural(changed.length, 'label')} corrected.`,
    ...(missing.length > 0
      ? [
          `${plural(missing.length, 'correction')} of examples that the data does not have: ${some(missing)}.`,
        ]
      : []),
    ...(left.length > 0 ? [`Labelled so already: ${some(left)}.`] : []),
  ];
}

/** Of the datasets that changed, the examples that changed split. */
async function countAllMoves(
  store: BlobStore,
  projects: readonly Project[],
  before: DataLock,
  after: DataLock,
): Promise<Record<string, Moves>> {
  const { countMoves, datasetsOf } = await import('../../../platform/storage/index.ts');
  const moves = new Map<string, Moves>();
  for (const project of projects) {
    for (const { name } of datasetsOf(project)) {
      const locked = ownValue(after.datasets, name);
      const old = ownValue(before.datasets, name);
      const found = locked && (await countMoves(store, old, locked, project.definition.table));
      if (found) moves.set(name, found);
    }
  }
  return Object.fromEntries(moves);
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

function without({ datasets, ...lock }: DataLock, names: readonly string[]): DataLock {
  const kept = Object.entries(datasets).filter(([name]) => !names.includes(name));
  return { ...lock, datasets: Object.fromEntries(kept) };
}

/** On a fresh clone the manifests of other datasets are not here: what was not locked now is not compared. */
async function withKnownManifests(store: BlobStore, lock: DataLock): Promise<DataLock> {
  const datasets: DataLock['datasets'] = {};
  for (const [name, dataset] of Object.entries(lock.datasets)) {
    if (await store.has(dataset.digest)) datasets[name] = dataset;
  }
  return { ...lock, datasets };
}

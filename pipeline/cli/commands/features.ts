import { resolve } from 'node:path';
import type { Command } from 'commander';
import { plural } from '../../../platform/lib/plural.ts';
import { showName } from '../../../platform/lib/text.ts';
import type { ServerFolders } from '../../operations/features/gather.ts';
import type { JoinedTable } from '../../operations/features/join.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { parsePast, parsePath } from '../options.ts';

interface GatherOptions extends CommonOptions {
  readonly feedback?: string;
  readonly predictions?: string;
}

interface SnapshotOptions extends GatherOptions {
  readonly at?: string;
  readonly out: string;
}

/** Where sources of feedback and of the prediction log are gathered from. */
const feedbackOption = [
  '--feedback <folder>',
  "the server's feedback, where a view is of it (default: .mainstem/feedback)",
  parsePath,
] as const;
const predictionsOption = [
  '--predictions <folder>',
  "the server's prediction log, where a view is of it (default: .mainstem/predictions)",
  parsePath,
] as const;

/** `features join`, `features check`, `features snapshot`: columns that are looked up, for training and for the server. */
export function registerFeatures(program: Command): void {
  const features = program
    .command('features')
    .description(
      'look up columns of a table by the key of an entity, for training and for the server',
    );
  features
    .command('join')
    .description(
      "write a project's table: its rows, with features as they were known at each row's time",
    )
    .argument('<project>', 'folder in pipeline/projects')
    .option(...feedbackOption)
    .option(...predictionsOption)
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem features join market')
    .action(runJoin);
  features
    .command('check')
    .description('join once more, and say whether the table is still what comes out')
    .argument('<project>', 'folder in pipeline/projects')
    .option(...jsonOption)
    .addHelpText(
      'after',
      '\nExample:\n  npx mainstem features check market\nExit code 1: it is not.',
    )
    .action(runCheck);
  features
    .command('snapshot')
    .description('write what the server looks features up in')
    .argument('<project>', 'folder in pipeline/projects')
    .option('--at <time>', 'what was known at this time, in ISO 8601 (default: now)', parsePast)
    .option('--out <folder>', 'where to', parsePath, '.mainstem/features')
    .option(...feedbackOption)
    .option(...predictionsOption)
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem features snapshot market')
    .action(runSnapshot);
}

function foldersOf({ feedback, predictions }: GatherOptions): ServerFolders {
  return {
    ...(feedback !== undefined && { feedback: resolve(feedback) }),
    ...(predictions !== undefined && { predictions: resolve(predictions) }),
  };
}

async function runJoin(name: string, options: GatherOptions): Promise<void> {
  const [{ openContext }, { joinTable }, { renderSharing }] = await Promise.all([
    import('../../context.ts'),
    import('../../operations/features/join.ts'),
    import('../../../platform/storage/index.ts'),
  ]);
  const context = await openContext(openWorkspace(options), name);
  const gathering = { folders: foldersOf(options), now: Date.now() };
  const joined = await joinTable(context, gathering);
  const { others, path } = joined;
  printResult(options, joined, [renderJoined(joined), ...renderSharing(others, path)].join('\n'));
}

function renderJoined({ project, path, rows, views, gathered }: JoinedTable): string {
  const lines = Object.entries(views).map(
    ([name, { present, missing, expired }]) =>
      `  ${name}: ${present} present, ${missing} missing, ${expired} expired`,
  );
  const head = `${path}: ${plural(rows, 'row')}.`;
  return [...renderGathered(gathered), head, ...lines, `Next: npx mainstem lock ${project}`].join(
    '\n',
  );
}

function renderGathered(gathered: JoinedTable['gathered']): string[] {
  return Object.values(gathered).map((one) => {
    const { path, isFresh, rows, added, unkeyed, unfit, damaged, unfinished } = one;
    if (!isFresh)
      return `${path}: as it was, ${plural(rows, 'row')}; no folder of a server is here.`;
    const left = [
      unkeyed > 0 ? `${plural(unkeyed, 'line')} without a key left out` : '',
      unfit > 0 ? `${plural(unfit, 'line')} with what no table can hold left out` : '',
      damaged > 0 ? `${plural(damaged, 'damaged line')} left out` : '',
      unfinished > 0 ? `${plural(unfinished, 'file')} ended within a line` : '',
    ].filter(Boolean);
    return `${[`${path}: ${plural(rows, 'row')}, ${added} new`, ...left].join('; ')}.`;
  });
}

async function runCheck(name: string, options: CommonOptions): Promise<void> {
  const [{ openContext }, { checkJoin }] = await Promise.all([
    import('../../context.ts'),
    import('../../operations/features/join.ts'),
  ]);
  const check = await checkJoin(await openContext(openWorkspace(options), name));
  const { faults, path, project } = check;
  const text =
    faults.length === 0
      ? `${path} is what the join writes.`
      : `${faults.join('\n')}\nNext: npx mainstem features join ${project}`;
  printResult(options, check, text);
  if (faults.length > 0) process.exitCode = 1;
}

async function runSnapshot(name: string, options: SnapshotOptions): Promise<void> {
  const [{ openContext }, { writeSnapshot }] = await Promise.all([
    import('../../context.ts'),
    import('../../operations/features/snapshot.ts'),
  ]);
  const context = await openContext(openWorkspace(options), name);
  const at = options.at === undefined ? new Date() : new Date(options.at);
  const gathering = { folders: foldersOf(options), now: Date.now() };
  const written = await writeSnapshot(context, { at, folder: options.out, ...gathering });
  const lines = Object.entries(written.entities).map(
    ([view, count]) => `  ${view}: ${plural(count, 'key')}`,
  );
  const left = Object.entries(written.unreadable).map(
    ([column, count]) =>
      `${plural(count, 'value')} of ${showName(column)} cannot be read as what the project says that it is: left out, so that they count as missing.`,
  );
  const head = `${written.path}: known at ${written.at}.`;
  const text = [...renderGathered(written.gathered), head, ...lines, ...left];
  printResult(options, written, text.join('\n'));
}

import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { parseDuration } from '../../../platform/lib/parse-duration.ts';
import { listSome, showName } from '../../../platform/lib/text.ts';
import type { DriftReport } from '../../operations/drift/drift.ts';
import type { DriftSource } from '../../operations/drift/inputs.ts';
import type { LogSource } from '../../operations/drift/measure-log.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { parsePath, parseRun, parseSince, parseText } from '../options.ts';
import { readLockAt } from '../projects.ts';
import { renderLogReport } from '../show/render-log-report.ts';
import { renderProperties } from '../show/render-properties.ts';

interface DriftOptions extends CommonOptions {
  readonly from?: string;
  readonly feedback?: string | true;
  readonly rev?: string;
  readonly predictions?: string | true;
  readonly since?: string;
  readonly run?: string;
}

/** `drift`: whether inputs still look like what the promoted model was measured on. */
export function registerDrift(program: Command): void {
  const from = new Option('--from <path>', 'compare a folder of photos, or a table').argParser(
    parsePath,
  );
  const feedback = new Option(
    '--feedback [folder]',
    'compare what people corrected (default: .mainstem/feedback); with --predictions, take labels from there',
  ).argParser(parsePath);
  const rev = new Option(
    '--rev <revision>',
    'compare the data that is locked at a git revision',
  ).argParser(parseText);
  const predictions = new Option(
    '--predictions [folder]',
    "compare what the server's prediction log holds (default: .mainstem/predictions)",
  ).argParser(parsePath);
  const since = new Option(
    '--since <time>',
    'how far back in the log: 6h, 7d, or a time (default: as far as the alerts look)',
  ).argParser(parseSince);
  const run = new Option(
    '--run <run>',
    'the run whose answers in the log count (default: the one that production names)',
  ).argParser(parseRun);
  program
    .command('drift <project>')
    .description('compare inputs with the reference data of the model that production names')
    .addOption(from.conflicts(['feedback', 'rev', 'predictions']))
    .addOption(feedback.conflicts(['from', 'rev']))
    .addOption(rev.conflicts(['from', 'feedback', 'predictions']))
    .addOption(predictions.conflicts(['from', 'rev']))
    .addOption(since.implies({ predictions: true }))
    .addOption(run.implies({ predictions: true }))
    .option(...jsonOption)
    .addHelpText(
      'after',
      '\nWithout an option the locked data is compared. Numbers and limits are those of the alerts (monitoring/objectives.ts).\n' +
        'Examples:\n  npx mainstem drift pumpkins --from photos/new\n  npx mainstem drift penguins --rev v1\n' +
        '  npx mainstem drift pumpkins --predictions --since 7d\n' +
        'Exit code 1: a property drifts. 0: none does, or there are too few inputs to say ("state" of --json: ok, insufficient).',
    )
    .action(runDrift);
}

async function runDrift(name: string, options: DriftOptions): Promise<void> {
  if (options.predictions !== undefined) return runOnLog(name, options);
  const [{ openContext }, { measureDrift }] = await Promise.all([
    import('../../context.ts'),
    import('../../operations/drift/drift.ts'),
  ]);
  const workspace = openWorkspace(options);
  const context = await openContext(workspace, name);
  const { rev } = options;
  const lock = rev === undefined ? context.lock : await readLockAt(workspace.root, rev);
  const report = await measureDrift({ ...context, lock }, sourceOf(options, workspace.root));
  printResult(options, report, renderDrift(report));
  if (report.state === 'drift') process.exitCode = 1;
}

async function runOnLog(name: string, options: DriftOptions): Promise<void> {
  const [{ openContext }, { measureLog }] = await Promise.all([
    import('../../context.ts'),
    import('../../operations/drift/measure-log.ts'),
  ]);
  const workspace = openWorkspace(options);
  const context = await openContext(workspace, name);
  const report = await measureLog(context, logSourceOf(options, workspace.root, Date.now()));
  printResult(options, report, renderLogReport(report));
  if (report.state === 'drift') process.exitCode = 1;
}

function logSourceOf(options: DriftOptions, root: string, now: number): LogSource {
  const { since, run } = options;
  return {
    predictions: folderOf(options.predictions, root, '.mainstem/predictions'),
    feedback: folderOf(options.feedback, root, '.mainstem/feedback'),
    ...{ now, ...(run !== undefined && { run }) },
    ...(since !== undefined && { since: timeOf(since, now) }),
  };
}

/** What was typed, or the folder in which a server of this repository writes. */
function folderOf(typed: string | true | undefined, root: string, usual: string): string {
  return typeof typed === 'string' ? resolve(typed) : resolve(root, usual);
}

/** @param since as parseSince accepts it */
function timeOf(since: string, now: number): number {
  const ago = parseDuration(since);
  return ago === null ? Date.parse(since) : now - ago;
}

function sourceOf({ from, feedback }: DriftOptions, root: string): DriftSource {
  if (from !== undefined) return { kind: 'files', path: resolve(from) };
  if (feedback === undefined) return { kind: 'locked' };
  return { kind: 'feedback', path: folderOf(feedback, root, '.mainstem/feedback') };
}

function renderDrift({ project, run, state, properties, ...report }: DriftReport): string {
  const { inputs, unreadable, tooManyUnreadable, fewestInputs } = report;
  const said = {
    ok: 'No property drifts.',
    drift: `${properties.filter((one) => one.state === 'drift').length} of ${properties.length} properties drift.`,
    insufficient: `A verdict needs ${fewestInputs} inputs.`,
  };
  const tooMany = tooManyUnreadable ? ', more than may be' : '';
  const left = unreadable > 0 ? ` (${unreadable} cannot be read${tooMany})` : '';
  const head = `${inputs} inputs${left} against the reference data of ${project} ${run}. ${said[state]}`;
  const absent = listSome(
    report.absent.map((name) => showName(name)),
    { most: 5 },
  );
  const notes = absent === '' ? [] : [`Not in these inputs, not even empty: ${absent}`];
  const lines = report.unfinished.map(
    (place) => `Left out, because it was never finished: ${place}`,
  );
  return [head, ...renderProperties(properties), ...notes, ...lines].join('\n');
}

import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { printable } from '../../../platform/lib/printable.ts';
import { type BackendChoice, backendChoices } from '../../../platform/schemas/backend-names.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { parsePath, wholeNumber } from '../options.ts';
import { assertPlace, imageOption, places, sharedRemoteOf, shareOption } from '../share.ts';

interface SweepOptions extends CommonOptions {
  readonly backend: BackendChoice;
  readonly trials?: number;
  readonly minutes?: number;
  readonly parallel?: number;
  readonly restart?: boolean;
  readonly html?: string;
  readonly share?: string | true;
  readonly on?: string;
  readonly image?: string;
  /** True without a number: the best. */
  readonly apply?: number | true;
}

const help = `
What is searched, and how, stands in pipeline/projects/<project>/sweep.json; docs/sweep.md has every entry.
Stopped or killed, the same command goes on where it was.

Examples:
  npx mainstem sweep penguins --trials 40 --parallel 2
  npx mainstem sweep penguins --html sweep.html
  npx mainstem sweep penguins --apply
  npx mainstem sweep penguins --on kubernetes --share s3://farm-jobs --image ghcr.io/jen/penguins:{commit}
Exit code 1: every trial failed.`;

/** `sweep`: searches parameters by the validation split. */
export function registerSweep(program: Command): void {
  program
    .command('sweep <project>')
    .description('search better parameters by the validation split, as sweep.json says')
    .addOption(
      new Option('--backend <name>', 'tensor backend').choices(backendChoices).default('auto'),
    )
    .option('--trials <number>', 'how many to try, instead of sweep.json', wholeNumber(1, 1000))
    .option('--minutes <number>', 'begin no further trial after so long', wholeNumber(1, 100_000))
    .option('--parallel <number>', 'how many at a time, at most', wholeNumber(1, 256))
    .option('--restart', 'try again what failed before')
    .option(...shareOption)
    .addOption(
      new Option('--on <place>', 'run trials elsewhere: as Jobs of the cluster of kubectl').choices(
        places,
      ),
    )
    .option(...imageOption)
    .option('--html <file>', 'write what was found as one page with plots', parsePath)
    .option(
      '--apply [trial]',
      'write the best values into params.json, or those of a trial',
      parseTrial,
    )
    .option(...jsonOption)
    .addHelpText('after', help)
    .action(runSweep);
}

/** Parses the number of a trial. */
function parseTrial(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give the number of a trial.');
}

async function runSweep(name: string, options: SweepOptions, command: Command): Promise<void> {
  assertPlace(command, options, ['image']);
  const [{ openContext }, { sweep }, { renderSweepTerminal }] = await Promise.all([
    import('../../context.ts'),
    import('../../operations/sweep/sweep.ts'),
    import('../../../platform/report/index.ts'),
  ]);
  const context = await openContext(openWorkspace(options), name);
  if (options.html !== undefined) await assertPage(context.workspace.root, options.html);
  const wanted = typeof options.apply === 'number' ? options.apply : undefined;
  const { on, image, restart, share: _, ...request } = options;
  const cluster = on === undefined ? undefined : { image, restart };
  const sharedRemote = sharedRemoteOf(options);
  const report = await sweep(context, { ...request, restart, wanted, sharedRemote, cluster });
  const notes: string[] = [];
  if (options.html !== undefined) notes.push(await writePage(options.html, report));
  if (options.apply !== undefined) notes.push(await apply(context, report, options.apply));
  printResult(options, report, [renderSweepTerminal(report), ...notes].join('\n\n'));
  const others = report.trials.filter(({ trial }) => trial !== 0);
  if (others.length > 0 && others.every(({ status }) => status === 'failed')) process.exitCode = 1;
}

type Report = Awaited<ReturnType<typeof import('../../operations/sweep/sweep.ts')['sweep']>>;

/** Before the search, so that a refusal costs nothing. */
async function assertPage(root: string, path: string): Promise<void> {
  const { assertOwnPage } = await import('../assert-output.ts');
  await assertOwnPage(root, resolve(path));
}

async function writePage(path: string, report: Report): Promise<string> {
  const [{ writeFileAtomic }, { renderSweepHtml }] = await Promise.all([
    import('../../../platform/lib/files.ts'),
    import('../../../platform/report/index.ts'),
  ]);
  const file = resolve(path);
  await writeFileAtomic(file, renderSweepHtml(report));
  return `Written to ${printable(file)}.`;
}

async function apply(
  context: Parameters<typeof import('../../operations/sweep/apply-trial.ts')['applyTrial']>[0],
  report: Report,
  wanted: number | true,
): Promise<string> {
  const { applyTrial } = await import('../../operations/sweep/apply-trial.ts');
  const applied = await applyTrial(context, report, wanted === true ? undefined : wanted);
  if (!applied) return 'Today’s parameters are the best: params.json stays as it is.';
  const { path, trial } = applied;
  const project = context.project.definition.name;
  return `${path} has the values of trial ${trial} now. Commit it on a branch and open a pull request, or look first:\n  npx mainstem experiment ${project}`;
}

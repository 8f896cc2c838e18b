import { type Command, Option } from 'commander';
import { type BackendChoice, backendChoices } from '../../../platform/schemas/backend-names.ts';
import { mostSeeds } from '../../../platform/schemas/most-seeds.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { wholeNumber } from '../options.ts';

interface ExperimentOptions extends CommonOptions {
  readonly backend: BackendChoice;
  readonly force?: boolean;
  readonly seeds: number;
  readonly markdown?: boolean;
}

/** `experiment`: the whole pipeline for the working tree, and the report against what serves. */
export function registerExperiment(program: Command): void {
  program
    .command('experiment <project>')
    .description('run every stage for the working tree and report it against what serves')
    .addOption(
      new Option('--backend <name>', 'tensor backend').choices(backendChoices).default('auto'),
    )
    .option('--force', 'run stages even if a record with the same key exists')
    .addOption(
      new Option(
        '--seeds <number>',
        'train with so many seeds and say how much they differ; the candidate stays that of params.json',
      )
        .argParser(wholeNumber(1, mostSeeds))
        .default(1),
    )
    .option('--markdown', 'print the report as the pull request shows it')
    .option(...jsonOption)
    .addHelpText(
      'after',
      '\nExample:\n  npx mainstem experiment pumpkins\nExit code 1: a gate failed.',
    )
    .action(runExperiment);
}

async function runExperiment(name: string, options: ExperimentOptions): Promise<void> {
  const [{ openContext }, { experiment }, { renderMarkdown, renderTerminal }] = await Promise.all([
    import('../../context.ts'),
    import('../../operations/experiment.ts'),
    import('../../../platform/report/index.ts'),
  ]);
  const context = await openContext(openWorkspace(options), name);
  const { report } = await experiment(context, options);
  printResult(options, report, options.markdown ? renderMarkdown(report) : renderTerminal(report));
  if (report.gates.some((gate) => !gate.passed)) process.exitCode = 1;
}

import { type Command, Option } from 'commander';
import { type BackendChoice, backendChoices } from '../../../platform/schemas/backend-names.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';

interface RankOptions extends CommonOptions {
  readonly backend: BackendChoice;
  readonly dropColumns?: boolean;
}

/** `rank`: which columns of a table the model needs. */
export function registerRank(program: Command): void {
  program
    .command('rank <project>')
    .description('which columns of a table the model needs, and which could be dropped')
    .option(
      '--drop-columns',
      'train again without each column that is not shown to help, and say what that costs on the validation split',
    )
    .addOption(
      new Option('--backend <name>', 'tensor backend').choices(backendChoices).default('auto'),
    )
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem rank penguins --drop-columns')
    .action(runRank);
}

async function runRank(name: string, options: RankOptions): Promise<void> {
  const [{ openContext }, { rankProject }, { renderRanking }] = await Promise.all([
    import('../../context.ts'),
    import('../../operations/rank-columns.ts'),
    import('../../../platform/report/index.ts'),
  ]);
  const context = await openContext(openWorkspace(options), name);
  const { report, ranking } = await rankProject(context, options);
  printResult(options, ranking, renderRanking(report));
}

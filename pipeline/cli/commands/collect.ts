import type { Command } from 'commander';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { parseYear } from '../options.ts';

interface CollectCommandOptions extends CommonOptions {
  readonly harvest?: string;
}

/** `mainstem collect <project>`: makes or fetches a project's data. */
export function registerCollect(program: Command): void {
  program
    .command('collect')
    .description("make or fetch a project's data")
    .argument('<project>', 'folder in pipeline/projects')
    .option(
      '--harvest <year>',
      'which harvest to add, a year of four digits (default: the first)',
      parseYear,
    )
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem collect pumpkins --harvest 2027')
    .action(async (name: string, options: CollectCommandOptions) => {
      const [{ collectProject }, { openContext }, { renderSharing }] = await Promise.all([
        import('../../operations/collect.ts'),
        import('../../context.ts'),
        import('../../../platform/storage/index.ts'),
      ]);
      const context = await openContext(openWorkspace(options), name);
      const collected = await collectProject(context, options.harvest);
      const { features } = context.project.definition;
      const next = features ? `features join ${name}` : `lock ${name}`;
      const { path, files, others } = collected;
      const left = `${path}: ${files} files. Next: npx mainstem ${next}`;
      printResult(options, collected, [left, ...renderSharing(others, path)].join('\n'));
    });
}

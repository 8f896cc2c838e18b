import type { Command } from 'commander';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';

/** `validate`: checks the locked data of a project before anything is learnt from it. */
export function registerValidate(program: Command): void {
  program
    .command('validate <project>')
    .description('check the locked data: what is corrupt, mislabelled, duplicated or unusual')
    .option('--force', 'check again, even if a result already exists')
    .option(...jsonOption)
    .addHelpText(
      'after',
      '\nExample:\n  npx mainstem validate pumpkins\nExit code 1: a finding is an error.',
    )
    .action(runValidate);
}

interface ValidateOptions extends CommonOptions {
  readonly force?: boolean;
}

async function runValidate(name: string, options: ValidateOptions): Promise<void> {
  const [{ renderFindings }, { openContext }, { validate }] = await Promise.all([
    import('../../validation/index.ts'),
    import('../../context.ts'),
    import('../../operations/validate.ts'),
  ]);
  const context = await openContext(openWorkspace(options), name);
  const output = await validate(context, options);
  const { readLeftOut, renderLeftOut } = await import('../../../platform/storage/index.ts');
  const leftOut = readLeftOut(context.workspace.root, context.project);
  const notes = leftOut.map((one) => `${one.dataset} on disk: ${renderLeftOut(one.leftOut)}`);
  printResult(
    options,
    { ...output, leftOut },
    [renderFindings(output.findings), ...notes].join('\n'),
  );
  if (output.findings.some(({ severity }) => severity === 'error')) process.exitCode = 1;
}

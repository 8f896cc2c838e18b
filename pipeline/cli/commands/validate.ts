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
  const output = await validate(await openContext(openWorkspace(options), name), options);
  printResult(options, output, renderFindings(output.findings));
  if (output.findings.some(({ severity }) => severity === 'error')) process.exitCode = 1;
}

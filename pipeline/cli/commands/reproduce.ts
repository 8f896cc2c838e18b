import type { Command } from 'commander';
import { abbreviate } from '../../../platform/lib/text.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';

/** `reproduce`: the proof that a promoted model is what its commit makes. */
export function registerReproduce(program: Command): void {
  program
    .command('reproduce <record>')
    .description('rebuild a promoted model from its commit and compare digests')
    .option(...jsonOption)
    .addHelpText(
      'after',
      '\nExample:\n  npx mainstem reproduce 3f2a90b1c4de\nExit code 1: the rebuilt model differs.',
    )
    .action(runReproduce);
}

async function runReproduce(wanted: string, options: CommonOptions): Promise<void> {
  const workspace = openWorkspace(options);
  const { reproduce } = await import('../../operations/reproduce.ts');
  const result = await reproduce(workspace, wanted);
  const lines = result.compared.map(({ name, digest }) => `  ${name.padEnd(12)} ${digest}`);
  const title = `${result.model} ${result.run} was rebuilt from commit ${abbreviate(result.commit)}, bit for bit:`;
  printResult(options, result, [title, ...lines].join('\n'));
}

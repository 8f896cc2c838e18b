import type { Command } from 'commander';
import { plural } from '../../../platform/lib/plural.ts';
import type { Pulled } from '../../../platform/storage/index.ts';
import { jsonOption, printResult } from '../command.ts';
import { parseText } from '../options.ts';
import {
  openCommandTransfer,
  remoteOption,
  renderMissing,
  renderTransfer,
  type TransferCommandOptions,
} from '../transfer.ts';

interface PullOptions extends TransferCommandOptions {
  readonly history?: boolean;
}

/** `pull`: fetches what the commit references from the remote. */
export function registerPull(program: Command): void {
  program
    .command('pull [projects...]')
    .description(
      'fetch locked data, models and stage records that the store lacks or has damaged, verified',
    )
    .option(...remoteOption)
    .option('--rev <revision>', 'the data that is locked at a git revision', parseText)
    .option('--history', 'also the data that earlier models were trained on')
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem pull && npx mainstem checkout')
    .action(runPull);
}

async function runPull(names: string[], options: PullOptions): Promise<void> {
  const { collect, ...transfer } = await openCommandTransfer(names, options);
  await transfer.remote.assertThere();
  const { pull } = await import('../../../platform/storage/index.ts');
  const done = await pull(transfer, () => collect(options.history ?? false));
  const lines = [
    `Pulled ${renderTransfer(done)} from ${transfer.remote.address}.`,
    ...renderDamaged(done),
    ...renderMissing('Not on the remote either', done),
  ];
  printResult(options, done, lines.join('\n'));
  if (done.missing.length + done.damagedRecords.length > 0) process.exitCode = 1;
}

function renderDamaged({ damaged }: Pulled): string[] {
  if (damaged.length === 0) return [];
  return [`${plural(damaged.length, 'blob')} in the store had been damaged and was replaced.`];
}

import type { Command } from 'commander';
import { jsonOption, printResult } from '../command.ts';
import { parseText } from '../options.ts';
import {
  openCommandTransfer,
  remoteOption,
  renderMissing,
  renderTransfer,
  type TransferCommandOptions,
} from '../transfer.ts';

/** `push`: sends what the commit references to the remote. */
export function registerPush(program: Command): void {
  program
    .command('push [projects...]')
    .description('send locked data, models and stage records that the remote lacks')
    .option(...remoteOption)
    .option('--rev <revision>', 'the data that is locked at a git revision', parseText)
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem push --remote /mnt/share/mainstem')
    .action(runPush);
}

async function runPush(names: string[], options: TransferCommandOptions): Promise<void> {
  const { collect, ...transfer } = await openCommandTransfer(names, options);
  const [{ push }, { loadPromoted, promotedModels }] = await Promise.all([
    import('../../../platform/storage/index.ts'),
    import('../../../platform/registry/index.ts'),
  ]);
  const { root } = transfer.workspace;
  const promoted = await promotedModels(root);
  // What serves without a record would be passed over.
  for (const name of names.length > 0 ? promoted.filter((one) => names.includes(one)) : promoted)
    await loadPromoted(root, name);
  const done = await push(transfer, await collect(true));
  const lines = [
    `Pushed ${renderTransfer(done)} to ${transfer.remote.address}.`,
    ...renderMissing('Neither here nor there', done),
  ];
  printResult(options, done, lines.join('\n'));
  if (done.missing.length > 0) process.exitCode = 1;
}

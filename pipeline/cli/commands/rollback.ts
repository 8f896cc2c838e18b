import { type Command, Option } from 'commander';
import { abbreviate } from '../../../platform/lib/text.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { parseRun } from '../options.ts';
import { warnIfDetached } from '../warn-if-detached.ts';
import { followNote } from './promote.ts';

interface RollbackOptions extends CommonOptions {
  readonly to?: string;
  readonly staging?: boolean;
  readonly canary?: boolean;
  readonly shadow?: boolean;
  readonly commit: boolean;
}

/** `rollback`: what served before serves again. */
export function registerRollback(program: Command): void {
  program
    .command('rollback <project>')
    .description('point back to the run that served before, in one commit')
    .option('--to <run>', 'first digits of the run to go back to', parseRun)
    .option('--staging', 'roll back staging instead of production')
    .addOption(endOption('canary'))
    .addOption(endOption('shadow'))
    .option('--no-commit', 'write the pointer, leave the commit to you')
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem rollback pumpkins')
    .action(runRollback);
}

function endOption(channel: 'canary' | 'shadow'): Option {
  const others = ['staging', 'to', channel === 'canary' ? 'shadow' : 'canary'];
  const words = `end the ${channel}: all requests go to production again`;
  return new Option(`--${channel}`, words).conflicts(others);
}

async function runRollback(name: string, options: RollbackOptions): Promise<void> {
  const workspace = openWorkspace(options);
  const { root } = workspace;
  const { loadProject } = await import('../../../platform/schemas/define/index.ts');
  await loadProject(root, name);
  const [{ endTrial, rollback }, { openStore }] = await Promise.all([
    import('../../../platform/registry/index.ts'),
    import('../../../platform/storage/index.ts'),
  ]);
  const trial = options.canary ? 'canary' : options.shadow && 'shadow';
  if (trial) {
    const ended = await endTrial({
      ...workspace,
      model: name,
      channel: trial,
      commit: options.commit,
    });
    const place = ended.commit ? `in commit ${abbreviate(ended.commit)}` : 'in the working tree';
    printResult(
      options,
      ended,
      `Ended the ${trial} of ${name}, ${ended.run}, ${place}.\n${followNote}`,
    );
    return warnIfDetached(workspace, ended.commit);
  }
  const done = await rollback({
    ...workspace,
    store: openStore(root),
    model: name,
    channel: options.staging ? 'staging' : 'production',
    commit: options.commit,
    ...(options.to !== undefined && { to: options.to }),
  });
  const where = done.commit ? ` in commit ${abbreviate(done.commit)}` : ' in the working tree';
  const text = `Rolled ${name} back from ${done.from} to ${done.pointer.run}${where}.\n${followNote}`;
  printResult(options, done, text);
  await warnIfDetached(workspace, done.commit);
}

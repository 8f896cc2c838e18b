import type { Command } from 'commander';
import { abbreviate } from '../../../platform/lib/text.ts';
import type { Promoted } from '../../../platform/registry/index.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { warnIfDetached } from '../warn-if-detached.ts';

interface PromoteOptions extends CommonOptions {
  readonly staging?: boolean;
  readonly commit: boolean;
}

/** `promote`: the candidate of the last experiment becomes what serves. */
export function registerPromote(program: Command): void {
  program
    .command('promote <project>')
    .description('promote the last experiment: one commit with its record and the pointer')
    .option('--staging', 'promote to staging instead of production')
    .option('--no-commit', 'write the files, leave the commit to you')
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem promote pumpkins')
    .action(runPromote);
}

async function runPromote(name: string, options: PromoteOptions): Promise<void> {
  const [{ openContext }, { promoteCandidate }, { readProjectState }, { describeHeldBack }] =
    await Promise.all([
      import('../../context.ts'),
      import('../../operations/promote.ts'),
      import('../../../platform/registry/index.ts'),
      import('../../../platform/quality/index.ts'),
    ]);
  const workspace = openWorkspace(options);
  // What is wrong with the project is reported before what git says of its folder.
  const state = await readProjectState(workspace.root, name).catch((error: unknown) => ({ error }));
  const context = await openContext(workspace, name);
  if ('error' in state) throw state.error;
  const channel = options.staging ? 'staging' : 'production';
  const promoted = await promoteCandidate(context, { channel, commit: options.commit, state });
  const { heldBack: found } = promoted.pointer;
  const heldBack = promoted.changed && found ? describeHeldBack(found) : null;
  printResult(options, promoted, renderPromotion(promoted, channel, heldBack));
  await warnIfDetached(workspace, promoted.commit);
}

/** What a rollback means for a server of this tree. */
export const followNote = 'A running server follows within seconds.';

function renderPromotion(promoted: Promoted, channel: string, heldBack: string | null): string {
  const { pointer, commit, changed, replaced, pending } = promoted;
  const what = `${pointer.model} ${pointer.run}`;
  if (pending !== null) {
    const first = `${replaced}, which had been promoted in the working tree only, was verified and committed first, in ${abbreviate(pending)}.`;
    return `${first}\n${renderPromotion({ ...promoted, pending: null }, channel, heldBack)}`;
  }
  if (!changed) return `${channel} already points to ${what}.`;
  const where = commit
    ? `commit ${abbreviate(commit)}`
    : 'the working tree; commit models/ to keep it';
  const done = `Promoted ${what} to ${channel} in ${where}${replaced ? `; it replaces ${replaced}` : ''}.`;
  return heldBack === null ? done : `${done}\n${heldBack}`;
}

import { type Command, Option } from 'commander';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { abbreviate } from '../../../platform/lib/text.ts';
import type { Channel, Promoted } from '../../../platform/registry/index.ts';
import type { Traffic } from '../../../platform/schemas/index.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { parseHeader, parseHeaderName, parseShare } from '../options.ts';
import { warnIfDetached } from '../warn-if-detached.ts';

interface PromoteOptions extends CommonOptions {
  readonly staging?: boolean;
  readonly canary?: number;
  readonly shadow?: number;
  readonly key?: string;
  readonly header?: Traffic['header'];
  readonly commit: boolean;
}

/** `promote`: the candidate of the last experiment becomes what serves. */
export function registerPromote(program: Command): void {
  program
    .command('promote <project>')
    .description('promote the last experiment: one commit with its record and the pointer')
    .addOption(
      new Option('--staging', 'promote to staging instead of production').conflicts([
        'canary',
        'shadow',
      ]),
    )
    .addOption(
      new Option('--canary <share>', 'let it answer a share of the requests, beside production')
        .argParser(parseShare)
        .conflicts('shadow'),
    )
    .option(
      '--shadow <share>',
      'let it compute a share of the requests, unseen, beside production',
      parseShare,
    )
    .option(
      '--key <header>',
      'with --canary or --shadow: assign by the value of this header, equal ones alike',
      parseHeaderName,
    )
    .option(
      '--header <name=value>',
      'with --canary or --shadow: requests with it always go there',
      parseHeader,
    )
    .option('--no-commit', 'write the files, leave the commit to you')
    .option(...jsonOption)
    .addHelpText(
      'after',
      '\nExample:\n  npx mainstem promote pumpkins\n  npx mainstem promote pumpkins --canary 0.1 --key x-stall',
    )
    .action(runPromote);
}

async function runPromote(name: string, options: PromoteOptions): Promise<void> {
  const [{ openContext }, { promoteCandidate }, registry, { describeHeldBack }] = await Promise.all(
    [
      import('../../context.ts'),
      import('../../operations/promote.ts'),
      import('../../../platform/registry/index.ts'),
      import('../../../platform/quality/index.ts'),
    ],
  );
  const { describeTraffic, isTrial, readProjectState } = registry;
  const workspace = openWorkspace(options);
  // What is wrong with the project is reported before what git says of its folder.
  const state = await readProjectState(workspace.root, name).catch((error: unknown) => ({ error }));
  const context = await openContext(workspace, name);
  if ('error' in state) throw state.error;
  const target = { ...targetOf(options), commit: options.commit };
  const { channel } = target;
  const promoted = await promoteCandidate(context, { ...target, state });
  const { heldBack: found } = promoted.pointer;
  const { traffic } = promoted.pointer;
  const notes = [
    ...(traffic && isTrial(channel)
      ? [`${describeTraffic(channel, traffic)}. Production is what it was.`]
      : []),
    ...(promoted.changed && found ? [describeHeldBack(found)] : []),
  ];
  printResult(options, promoted, renderPromotion(promoted, channel, notes));
  await warnIfDetached(workspace, promoted.commit);
}

/** Where the candidate goes, and which requests go to it. */
function targetOf(options: PromoteOptions): {
  readonly channel: Channel;
  readonly traffic?: Traffic;
} {
  const { canary, shadow, key, header, staging } = options;
  const share = canary ?? shadow;
  if (share === undefined) {
    if (key !== undefined || header !== undefined) throw new MainstemError('TRIAL_SHARE_MISSING');
    return { channel: staging ? 'staging' : 'production' };
  }
  const traffic = { share, ...(key && { key }), ...(header && { header }) };
  return { channel: canary === undefined ? 'shadow' : 'canary', traffic };
}

/** What a rollback means for a server of this tree. */
export const followNote = 'A running server follows within seconds.';

function renderPromotion(promoted: Promoted, channel: string, notes: readonly string[]): string {
  const { pointer, commit, changed, replaced, pending } = promoted;
  const what = `${pointer.model} ${pointer.run}`;
  if (pending !== null) {
    const first = `${replaced}, which had been promoted in the working tree only, was verified and committed first, in ${abbreviate(pending)}.`;
    return `${first}\n${renderPromotion({ ...promoted, pending: null }, channel, notes)}`;
  }
  if (!changed) return `${channel} already points to ${what}.`;
  const where = commit
    ? `commit ${abbreviate(commit)}`
    : 'the working tree; commit models/ to keep it';
  const done = `Promoted ${what} to ${channel} in ${where}${replaced ? `; it replaces ${replaced}` : ''}.`;
  return [done, ...notes].join('\n');
}

import type { Command } from 'commander';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { parsePast } from '../options.ts';
import { entriesAt, renderHistory, renderMerged } from '../show/render-history.ts';

interface HistoryOptions extends CommonOptions {
  readonly staging?: boolean;
  readonly canary?: boolean;
  readonly shadow?: boolean;
  readonly at?: string;
}

/** `history`: what served when, from git alone. */
export function registerHistory(program: Command): void {
  program
    .command('history <project>')
    .description('what served when, read from the git log')
    .option('--at <time>', 'only what served at this time (ISO 8601)', parsePast)
    .option('--staging', 'show staging instead of production')
    .option('--canary', 'show what was tried as a canary instead')
    .option('--shadow', 'show what was tried as a shadow instead')
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem history pumpkins --at 2026-11-01T12:00:00Z')
    .action(runHistory);
}

async function runHistory(name: string, options: HistoryOptions): Promise<void> {
  const { root } = openWorkspace(options);
  const [{ describeTrials, history, mergedPromotions }, { assertProject }, { isShallow }] =
    await Promise.all([
      import('../../../platform/registry/index.ts'),
      import('../../../platform/schemas/define/index.ts'),
      import('../../../platform/lib/git.ts'),
    ]);
  await assertProject(root, name);
  const channels = ['staging', 'canary', 'shadow'] as const;
  const channel = channels.find((one) => options[one]) ?? 'production';
  const all = await history(root, name, channel);
  const shown = { name, channel, at: options.at };
  const lines = renderHistory(all, shown);
  if (options.at === undefined) {
    lines.push(...renderMerged(await mergedPromotions(root, name, channel, all)));
  }
  if (channel === 'production' && options.at === undefined)
    lines.push(...(await describeTrials(root, name)));
  if (await isShallow(root)) lines.push(shallowNote);
  printResult(options, entriesAt(all, options.at), lines.join('\n'));
}

const shallowNote =
  'This clone is shallow: what served before its first commit is not in it ("git fetch --unshallow" brings it).';

import type { Command } from 'commander';
import { abbreviate } from '../../../platform/lib/text.ts';
import type { HistoryEntry } from '../../../platform/registry/index.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { parseTime } from '../options.ts';

interface HistoryOptions extends CommonOptions {
  readonly staging?: boolean;
  readonly at?: string;
}

/** `history`: what served when, from git alone. */
export function registerHistory(program: Command): void {
  program
    .command('history <project>')
    .description('what served when, read from the git log')
    .option('--at <time>', 'only what served at this time (ISO 8601)', parseTime)
    .option('--staging', 'show staging instead of production')
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem history pumpkins --at 2026-11-01T12:00:00Z')
    .action(runHistory);
}

async function runHistory(name: string, options: HistoryOptions): Promise<void> {
  const { root } = openWorkspace(options);
  const [{ history }, { assertProject }, { isShallow }] = await Promise.all([
    import('../../../platform/registry/index.ts'),
    import('../../../platform/schemas/define/index.ts'),
    import('../../../platform/lib/git.ts'),
  ]);
  await assertProject(root, name);
  const all = await history(root, name, options.staging ? 'staging' : 'production');
  const entries = all.filter((entry) => servedAt(entry, options.at));
  const lines = entries.map(renderEntry);
  if (all.length === 0) lines.push(`${name}: no committed promotion.`);
  else if (entries.length === 0) lines.push(renderNothing(name, options, all));
  if (await isShallow(root)) lines.push(shallowNote);
  printResult(options, entries, lines.join('\n'));
}

/** A date alone is its first moment. */
function renderNothing(name: string, { at = '' }: HistoryOptions, all: readonly HistoryEntry[]) {
  const first = all.map(({ from }) => from).toSorted((a, b) => Date.parse(a) - Date.parse(b))[0];
  const moment = new Date(at).toISOString();
  return `${name}: nothing served at ${moment}; the first promotion was committed at ${first}.`;
}

const shallowNote =
  'This clone is shallow: what served before its first commit is not in it ("git fetch --unshallow" brings it).';

function servedAt({ from, until }: HistoryEntry, time: string | undefined): boolean {
  if (time === undefined) return true;
  const moment = Date.parse(time);
  return Date.parse(from) <= moment && (until === null || moment < Date.parse(until));
}

function renderEntry({ run, from, until, kind, commit, author, subject }: HistoryEntry): string {
  const span = `${from} … ${until ?? 'now'}`.padEnd(54);
  return `${run || '(none)'.padEnd(12)}  ${span}  ${kind.padEnd(9)}  ${abbreviate(commit)}  ${subject} (${author})`;
}

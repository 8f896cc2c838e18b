import { type Command, InvalidArgumentError } from 'commander';
import { abbreviate } from '../../../platform/lib/text.ts';
import type { Tenure } from '../../../platform/registry/index.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';

interface HistoryOptions extends CommonOptions {
  readonly staging?: boolean;
  readonly at?: string;
}

/** `history`: what served when, from git alone. */
export function registerHistory(program: Command): void {
  program
    .command('history <project>')
    .description('what served when, read from the git log')
    .option('--at <time>', 'only what served at this time (ISO 8601)', isoTime)
    .option('--staging', 'of staging instead of production')
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem history pumpkins --at 2026-11-01T12:00:00Z')
    .action(runHistory);
}

async function runHistory(name: string, options: HistoryOptions): Promise<void> {
  const { root } = openWorkspace(options);
  const [{ history }, { assertProject }] = await Promise.all([
    import('../../../platform/registry/index.ts'),
    import('../../../platform/schemas/define/index.ts'),
  ]);
  await assertProject(root, name);
  const all = await history(root, name, options.staging ? 'staging' : 'production');
  const tenures = all.filter((tenure) => servedAt(tenure, options.at));
  printResult(
    options,
    tenures,
    tenures.map(tenureLine).join('\n') || `${name}: no committed promotion.`,
  );
}

function servedAt({ from, until }: Tenure, time: string | undefined): boolean {
  if (time === undefined) return true;
  const moment = Date.parse(time);
  return Date.parse(from) <= moment && (until === null || moment < Date.parse(until));
}

function tenureLine({ run, from, until, kind, commit, author, subject }: Tenure): string {
  const span = `${from} … ${until ?? 'now'}`.padEnd(54);
  return `${run || '(none)'.padEnd(12)}  ${span}  ${kind.padEnd(9)}  ${abbreviate(commit)}  ${subject} (${author})`;
}

function isoTime(text: string): string {
  if (Number.isNaN(Date.parse(text))) {
    throw new InvalidArgumentError(`"${text}" is no time; write it like 2026-11-01T12:00:00Z.`);
  }
  return text;
}

import type { Command } from 'commander';
import { plural } from '../../../platform/lib/plural.ts';
import { renderBytes } from '../../../platform/lib/text.ts';
import type { FsckResult, StoreFinding } from '../../../platform/storage/index.ts';
import type { RemoteFsck } from '../../operations/fsck.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { parseText } from '../options.ts';

const mostLeftovers = 20;

interface FsckOptions extends CommonOptions {
  readonly repair?: boolean;
  /** True for the configured one. */
  readonly remote?: string | true;
}

/** `fsck`: verifies the whole store. */
export function registerFsck(program: Command): void {
  program
    .command('fsck')
    .description('read and verify everything in the store; name what is damaged or missing')
    .option(
      '--repair',
      'delete what is damaged, for pull, lock or run to bring back, and what killed commands left; write damaged indexes again; of a remote only what interrupted uploads left',
    )
    .option('--remote [address]', 'the remote instead of the store of this machine', parseText)
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem fsck')
    .action(runFsck);
}

async function runFsck(options: FsckOptions): Promise<void> {
  const workspace = openWorkspace(options);
  const { fsckRemote, fsckStore } = await import('../../operations/fsck.ts');
  const { remote, repair = false } = options;
  if (remote === undefined) return printStore(options, await fsckStore(workspace, repair));
  const address = remote === true ? undefined : remote;
  printRemote(options, await fsckRemote(workspace, address, repair));
}

function printStore(options: FsckOptions, result: FsckResult): void {
  const { blobs, bytes, records, leftovers, findings } = result;
  const lines = [
    `Verified ${plural(blobs, 'blob')} (${renderBytes(bytes)}) and ${plural(records, 'stage record')}: ${plural(findings.length, 'finding')}.`,
    ...renderLeftovers(leftovers),
    ...findings.map(({ code, message }) => `${code} ${message}`),
    ...renderAdvice(findings, options.repair ?? false),
  ];
  printResult(options, result, lines.join('\n'));
  if (findings.length > 0) process.exitCode = 1;
}

function printRemote(options: FsckOptions, { address, ...result }: RemoteFsck): void {
  const { keys, bytes, findings, leftovers } = result;
  const lines = [
    `Verified ${plural(keys, 'key')} (${renderBytes(bytes)}) of ${address}: ${plural(findings.length, 'finding')}.`,
    ...renderLeftovers(leftovers),
    ...findings.map(({ code, message }) => `${code} ${message}`),
    ...(options.repair && findings.length > 0 ? [notRepaired] : []),
  ];
  printResult(options, result, lines.join('\n'));
  if (findings.length > 0) process.exitCode = 1;
}

const notRepaired =
  'Nothing of this was repaired: of a remote --repair removes only what interrupted uploads left. Delete the damaged files there, ' +
  'then "npx mainstem push" from a store that has them whole.';

function renderLeftovers(leftovers: FsckResult['leftovers']): string[] {
  const shown = leftovers.slice(0, mostLeftovers).map(({ file }) => `  ${file}`);
  if (leftovers.length === 0) return [];
  const removed = leftovers.every((leftover) => leftover.removed);
  const outcome = removed ? 'was removed' : 'is harmless; --repair removes it';
  const more = leftovers.length - shown.length;
  return [
    `What killed commands left ${outcome}:`,
    ...shown,
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ];
}

function renderAdvice(findings: readonly StoreFinding[], repaired: boolean): string[] {
  const codes = new Set(findings.map(({ code }) => code));
  if (codes.has('STORE_CORRUPT') && !repaired)
    return [
      '"npx mainstem fsck --repair" drops what is damaged; then pull or lock brings it back.',
    ];
  const lacking = codes.has('STORE_CORRUPT') || codes.has('STORE_MISSING');
  return lacking ? ['"npx mainstem pull", or "lock" where the data is, brings it back.'] : [];
}

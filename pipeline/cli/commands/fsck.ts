import type { Command } from 'commander';
import { isMainstemError } from '../../../platform/lib/errors.ts';
import { plural } from '../../../platform/lib/plural.ts';
import { renderBytes } from '../../../platform/lib/text.ts';
import type { Workspace } from '../../../platform/schemas/index.ts';
import type { FsckResult, Store, StoreFinding } from '../../../platform/storage/index.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { remoteOption } from '../transfer.ts';

const mostLeftovers = 20;

interface FsckOptions extends CommonOptions {
  readonly repair?: boolean;
  readonly remote?: string;
}

/** `fsck`: verifies the whole store. */
export function registerFsck(program: Command): void {
  program
    .command('fsck')
    .description('read and verify everything in the store; name what is damaged or missing')
    .option(
      '--repair',
      'delete what is damaged, for pull, lock or run to bring back, and what killed commands left; write damaged indexes again',
    )
    .option(...remoteOption)
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem fsck')
    .action(runFsck);
}

async function runFsck(options: FsckOptions): Promise<void> {
  const workspace = openWorkspace(options);
  const { root } = workspace;
  const { checkStore, collectReferences, openStore, readLock } = await import(
    '../../../platform/storage/index.ts'
  );
  const store = openStore(root);
  const lock = await readLock(root);
  const references = await collectReferences(store, { root, lock });
  const data = Object.values(lock.datasets).map(({ path }) => path);
  const [now, repair] = [Date.now(), options.repair ?? false];
  const checked = await checkStore(workspace, store, { references, now, repair, data });
  const remote = await sweepRemote(workspace, store, options);
  const result = { ...checked, leftovers: [...checked.leftovers, ...remote] };
  const { blobs, bytes, records, leftovers, findings } = result;
  const lines = [
    `Verified ${plural(blobs, 'blob')} (${renderBytes(bytes)}) and ${plural(records, 'stage record')}: ${plural(findings.length, 'finding')}.`,
    ...renderLeftovers(leftovers),
    ...findings.map(({ code, message }) => `${code} ${message}`),
    ...renderAdvice(findings, repair),
  ];
  printResult(options, result, lines.join('\n'));
  if (findings.length > 0) process.exitCode = 1;
}

/** What interrupted uploads left on the remote, if there is one that can be looked at. */
async function sweepRemote(
  workspace: Workspace,
  store: Store,
  { repair = false, remote }: FsckOptions,
): Promise<FsckResult['leftovers']> {
  const { openTransfer } = await import('../../operations/transfer.ts');
  try {
    const ends = await openTransfer({ workspace, store }, remote);
    const files = await ends.remote.sweep?.({ now: Date.now(), remove: repair });
    return (files ?? []).map((file) => ({ file, removed: repair }));
  } catch (error) {
    // Only one that was asked for has to be there.
    if (isMainstemError(error) && remote === undefined) return [];
    throw error;
  }
}

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

import type { Command } from 'commander';
import { isMainstemError } from '../../../platform/lib/errors.ts';
import { plural } from '../../../platform/lib/plural.ts';
import { renderBytes } from '../../../platform/lib/text.ts';
import type { Workspace } from '../../../platform/schemas/index.ts';
import type {
  FsckResult,
  References,
  Store,
  StoreFinding,
} from '../../../platform/storage/index.ts';
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
  const { root } = workspace;
  const { checkStore, collectReferences, openStore, readLock } = await import(
    '../../../platform/storage/index.ts'
  );
  const store = openStore(root);
  const lock = await readLock(root);
  const references = await collectReferences(store, { root, lock });
  if (options.remote) return checkRemoteOf(workspace, store, references, options);
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

async function checkRemoteOf(
  workspace: Workspace,
  store: Store,
  references: References,
  options: FsckOptions,
): Promise<void> {
  const [{ checkRemote }, { openTransfer }] = await Promise.all([
    import('../../../platform/storage/index.ts'),
    import('../../operations/transfer.ts'),
  ]);
  const address = typeof options.remote === 'string' ? options.remote : undefined;
  const transfer = await openTransfer({ workspace, store }, address);
  await transfer.remote.assertThere();
  const result = await checkRemote(transfer, references);
  const leftovers = await sweepRemote(workspace, store, options);
  const { keys, bytes, findings } = result;
  const lines = [
    `Verified ${plural(keys, 'key')} (${renderBytes(bytes)}) of ${transfer.remote.address}: ${plural(findings.length, 'finding')}.`,
    ...renderLeftovers(leftovers),
    ...findings.map(({ code, message }) => `${code} ${message}`),
    ...(options.repair && findings.length > 0 ? [notRepaired] : []),
  ];
  printResult(options, { ...result, leftovers }, lines.join('\n'));
  if (findings.length > 0) process.exitCode = 1;
}

const notRepaired =
  'Nothing of this was repaired: of a remote --repair removes only what interrupted uploads left. Delete the damaged files there, ' +
  'then "npx mainstem push" from a store that has them whole.';

/** What interrupted uploads left on the remote, if there is one that can be looked at. */
async function sweepRemote(
  workspace: Workspace,
  store: Store,
  { repair = false, remote }: FsckOptions,
): Promise<FsckResult['leftovers']> {
  const { openTransfer } = await import('../../operations/transfer.ts');
  const address = typeof remote === 'string' ? remote : undefined;
  try {
    const ends = await openTransfer({ workspace, store }, address);
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

import type { Command } from 'commander';
import { plural } from '../../../platform/lib/plural.ts';
import { renderBytes } from '../../../platform/lib/text.ts';
import type { Workspace } from '../../../platform/schemas/index.ts';
import type { References, Store, StoreFinding } from '../../../platform/storage/index.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';

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
      'drop damaged blobs, for pull or lock to bring back, and write damaged indexes again',
    )
    .option('--remote [address]', 'the remote instead of the store of this machine')
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
  const references = await collectReferences(store, {
    root,
    lock: await readLock(root),
    tolerant: true,
  });
  if (options.remote) return checkRemoteOf(workspace, store, references, options);
  const repair = options.repair ?? false;
  const result = await checkStore(workspace, store, { references, now: Date.now(), repair });
  const { blobs, bytes, records, leftovers, findings } = result;
  const lines = [
    `Verified ${plural(blobs, 'blob')} (${renderBytes(bytes)}) and ${plural(records, 'stage record')}: ${plural(findings.length, 'finding')}.`,
    ...(leftovers > 0
      ? [`${plural(leftovers, 'unfinished file')} of interrupted writers (harmless).`]
      : []),
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
  const { keys, bytes, findings } = result;
  const lines = [
    `Verified ${plural(keys, 'key')} (${renderBytes(bytes)}) of ${transfer.remote.address}: ${plural(findings.length, 'finding')}.`,
    ...findings.map(({ code, message }) => `${code} ${message}`),
  ];
  printResult(options, result, lines.join('\n'));
  if (findings.length > 0) process.exitCode = 1;
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

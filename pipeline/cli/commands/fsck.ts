import type { Command } from 'commander';
import { plural } from '../../../platform/lib/plural.ts';
import { renderBytes } from '../../../platform/lib/text.ts';
import type { StoreFinding } from '../../../platform/storage/index.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';

interface FsckOptions extends CommonOptions {
  readonly repair?: boolean;
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

function renderAdvice(findings: readonly StoreFinding[], repaired: boolean): string[] {
  const codes = new Set(findings.map(({ code }) => code));
  if (codes.has('STORE_CORRUPT') && !repaired)
    return [
      '"npx mainstem fsck --repair" drops what is damaged; then pull or lock brings it back.',
    ];
  const lacking = codes.has('STORE_CORRUPT') || codes.has('STORE_MISSING');
  return lacking ? ['"npx mainstem pull", or "lock" where the data is, brings it back.'] : [];
}

import type { Command } from 'commander';
import { plural } from '../lib/plural.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from './command.ts';
import { renderBytes } from './projects.ts';

interface FsckOptions extends CommonOptions {
  readonly repair?: boolean;
}

/** `fsck`: verifies the whole store. */
export function registerFsck(program: Command): void {
  program
    .command('fsck')
    .description('read and verify everything in the store; name what is damaged or missing')
    .option('--repair', 'write damaged indexes anew from their packs')
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem fsck')
    .action(runFsck);
}

async function runFsck(options: FsckOptions): Promise<void> {
  const workspace = openWorkspace(options);
  const { root } = workspace;
  const { checkStore, collectReferences, openStore, readLock } = await import('../data/index.ts');
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
  ];
  printResult(options, result, lines.join('\n'));
  if (findings.length > 0) process.exitCode = 1;
}

import { plural } from '../../platform/lib/plural.ts';
import { renderBytes } from '../../platform/lib/text.ts';
import type { Transfer } from '../../platform/storage/index.ts';
import { type CommonOptions, openWorkspace } from './command.ts';
import { parseText } from './options.ts';
import { readLockAt, selectDatasets } from './projects.ts';

const mostMissing = 10;

/** Options that push and pull share. */
export interface TransferCommandOptions extends CommonOptions {
  readonly remote?: string;
  readonly rev?: string;
}

/** The help of `--remote`. */
export const remoteOption = [
  '--remote <address>',
  'instead of MAINSTEM_REMOTE or "mainstem": { "remote": … } in package.json',
  parseText,
] as const;

/** What push and pull start from: both ends, and a way to ask what the commit references. */
export async function openCommandTransfer(
  names: readonly string[],
  options: TransferCommandOptions,
) {
  const workspace = openWorkspace(options);
  const { root } = workspace;
  const [{ collectReferences, openStore }, { openTransfer }] = await Promise.all([
    import('../../platform/storage/index.ts'),
    import('../operations/transfer.ts'),
  ]);
  const store = openStore(root);
  const transfer = await openTransfer({ workspace, store }, options.remote);
  const lock = await selectDatasets(root, await readLockAt(root, options.rev), names);
  const models = names.length > 0 ? names : undefined;
  const collect = (history: boolean) => collectReferences(store, { root, lock, models, history });
  return { ...transfer, collect };
}

/** For example `12 blobs (1.2 MB) and 1 stage record`. */
export function renderTransfer({ blobs, bytes, records }: Transfer): string {
  return `${plural(blobs, 'blob')} (${renderBytes(bytes)}) and ${plural(records, 'stage record')}`;
}

/** What a transfer could not find, a line each, at most a few. @param text says where it is missing */
export function renderMissing(text: string, { missing }: Pick<Transfer, 'missing'>): string[] {
  const lines = missing.slice(0, mostMissing).map(({ digest, by }) => `${text}: ${digest} (${by})`);
  if (missing.length > mostMissing) lines.push(`… and ${missing.length - mostMissing} more`);
  return lines;
}

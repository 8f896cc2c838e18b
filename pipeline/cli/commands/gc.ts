import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { isMainstemError } from '../../../platform/lib/errors.ts';
import { plural } from '../../../platform/lib/plural.ts';
import { renderBytes } from '../../../platform/lib/text.ts';
import type { Workspace } from '../../../platform/schemas/index.ts';
import type {
  Garbage,
  RemoteGarbage,
  Store,
  TransferOptions,
} from '../../../platform/storage/index.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { parseText, wholeNumber } from '../options.ts';

interface GcOptions extends CommonOptions {
  /** True for the configured one. */
  readonly remote?: string | true;
  readonly delete?: boolean;
  readonly grace: number;
}

const dayMs = 24 * 3_600_000;

/** `gc`: deletes what no commit needs. */
export function registerGc(program: Command): void {
  program
    .command('gc')
    .description(
      'say which data and models no branch, tag, worktree or reflog needs; delete them with --delete',
    )
    .option('--remote [address]', 'in the remote instead of the store of this machine', parseText)
    .option('--delete', 'delete; without it nothing changes')
    .option(
      '--grace <days>',
      'what is younger stays; in a remote, days between naming and deleting',
      wholeNumber(0, 3650),
      14,
    )
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem gc\n  npx mainstem gc --remote --delete')
    .action(runGc);
}

async function runGc(options: GcOptions): Promise<void> {
  const workspace = openWorkspace(options);
  const [storage, { openTransfer }] = await Promise.all([
    import('../../../platform/storage/index.ts'),
    import('../../operations/transfer.ts'),
  ]);
  const store = storage.openStore(workspace.root);
  const address = typeof options.remote === 'string' ? options.remote : undefined;
  const times = {
    now: Date.now(),
    graceMs: options.grace * dayMs,
    remove: options.delete ?? false,
  };
  if (options.remote) {
    const transfer = await openTransfer({ workspace, store }, address);
    const result = await storage.collectRemoteGarbage(transfer, times);
    return printResult(options, result, renderRemote(result, options));
  }
  const open = () => openTransfer({ workspace, store });
  const elsewhere = await manifestsElsewhere(open, storage);
  const canCollect = await collectable(workspace, storage);
  const result = await storage.collectGarbage(workspace, store, {
    ...times,
    elsewhere,
    canCollect,
  });
  printResult(options, result, renderLocal(result, options, storage));
}

type Storage = typeof import('../../../platform/storage/index.ts');

/** The configured remote, asked only when a manifest is not here. */
async function manifestsElsewhere(open: () => Promise<TransferOptions>, storage: Storage) {
  const transfer = await open().catch((error: unknown) => {
    if (isMainstemError(error, 'REMOTE_UNSET')) return undefined;
    throw error;
  });
  if (!transfer) return undefined;
  const { remote, store } = transfer;
  let sources: Promise<ReturnType<Storage['remoteSources']>> | undefined;
  const ask = () => {
    sources ??= storage
      .readInventory(store, remote)
      .then((inventory) => storage.remoteSources(remote, inventory));
    return sources;
  };
  return {
    blob: async (digest: Parameters<Store['get']>[0]) => (await ask()).blob(digest),
    record: async (key: Parameters<Store['get']>[0]) => (await ask()).record(key),
  };
}

/** Datasets whose files are not here and that their project can collect. A project that cannot be loaded has none. */
async function collectable({ root }: Workspace, { lockedOf }: Storage): Promise<Set<string>> {
  const { loadProject, projectNames } = await import('../../../platform/schemas/define/index.ts');
  const found = new Set<string>();
  for (const name of await projectNames(root).catch(() => [])) {
    const project = await loadProject(root, name).catch(() => null);
    if (!project?.definition.collect) continue;
    for (const { name: dataset, path } of lockedOf(project)) {
      if (!existsSync(join(root, path))) found.add(dataset);
    }
  }
  return found;
}

function renderLocal(
  { blobs, bytes, records, young, unseen }: Garbage,
  options: GcOptions,
  { renderUnseen }: Storage,
): string {
  const done = options.delete ? 'Deleted' : 'Nothing needs';
  return [
    `${done} ${plural(blobs, 'blob')} (${renderBytes(bytes)}) and ${plural(records, 'stage record')}.`,
    ...(young > 0
      ? [`${plural(young, 'more')} younger than ${plural(options.grace, 'day')} stay.`]
      : []),
    ...unseen.map(
      (dataset) =>
        `Not looked at: ${renderUnseen(dataset)}. Its manifest is neither here nor on the remote, so nothing of it is kept.`,
    ),
    ...advice(blobs + records > 0, options),
  ].join('\n');
}

function renderRemote({ deleted, condemned, waiting }: RemoteGarbage, options: GcOptions): string {
  const will = options.delete ? '' : 'would be ';
  return [
    `${plural(deleted.length, 'key')} ${will}deleted, ${plural(condemned.length, 'key')} ${will}named for deletion, ${plural(waiting.length, 'key')} waiting for it.`,
    ...deleted.map((key) => `  deleted  ${key}`),
    ...condemned.map((key) => `  named    ${key}`),
    ...(condemned.length + waiting.length > 0
      ? [
          `What is named is deleted by a gc after ${plural(options.grace, 'day')}, unless something needs it by then.`,
        ]
      : []),
    ...advice(deleted.length + condemned.length > 0, options),
  ].join('\n');
}

function advice(some: boolean, options: GcOptions): string[] {
  if (!some || options.delete) return [];
  return ['Nothing was changed; --delete does it.'];
}

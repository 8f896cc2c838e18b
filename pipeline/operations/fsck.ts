import { isMainstemError } from '../../platform/lib/errors.ts';
import type { Workspace } from '../../platform/schemas/index.ts';
import {
  checkRemote,
  checkStore,
  collectReferences,
  type FsckResult,
  openStore,
  type RemoteCheck,
  readLock,
  type TransferOptions,
} from '../../platform/storage/index.ts';
import { openTransfer } from './transfer.ts';

/** What is wrong with a remote, and what interrupted uploads left there. */
export type RemoteFsck = RemoteCheck & Pick<FsckResult, 'leftovers'> & { readonly address: string };

/**
 * Verifies the store of this machine. Leftovers are also those of the remote, if one is configured and answers.
 *
 * @param repair deletes what is damaged and what was left, and writes damaged indexes again
 * @throws MainstemError FILE_UNREADABLE, JSON_INVALID
 */
export async function fsckStore(workspace: Workspace, repair: boolean): Promise<FsckResult> {
  const { store, lock, references } = await open(workspace);
  const data = Object.values(lock.datasets).map(({ path }) => path);
  const options = { references, now: Date.now(), repair, data };
  const checked = await checkStore(workspace, store, options);
  const remote = await sweepIfThere({ workspace, store }, repair);
  return { ...checked, leftovers: [...checked.leftovers, ...remote] };
}

/**
 * Verifies a remote.
 *
 * @param address as {@link openTransfer} takes it
 * @param repair deletes what interrupted uploads left, and nothing else
 * @throws MainstemError REMOTE_UNSET, REMOTE_UNKNOWN, REMOTE_FAILED
 */
export async function fsckRemote(
  workspace: Workspace,
  address: string | undefined,
  repair: boolean,
): Promise<RemoteFsck> {
  const { store, references } = await open(workspace);
  const transfer = await openTransfer({ workspace, store }, address);
  await transfer.remote.assertThere();
  const checked = await checkRemote(transfer, references);
  const leftovers = await sweep(transfer, repair);
  return { ...checked, leftovers, address: transfer.remote.address };
}

/** The store, and what the lock and all models name. */
async function open({ root }: Workspace) {
  const [store, lock] = [openStore(root), await readLock(root)];
  return { store, lock, references: await collectReferences(store, { root, lock }) };
}

/** Nobody asked for the remote: one that is not there, or cannot be reached, says nothing of this store. */
async function sweepIfThere(
  ends: Pick<TransferOptions, 'workspace' | 'store'>,
  repair: boolean,
): Promise<FsckResult['leftovers']> {
  try {
    return await sweep(await openTransfer(ends), repair);
  } catch (error) {
    if (isMainstemError(error) && error.code.startsWith('REMOTE_')) return [];
    throw error;
  }
}

/** What interrupted uploads left on a remote. */
async function sweep(
  { remote }: Pick<TransferOptions, 'remote'>,
  remove: boolean,
): Promise<FsckResult['leftovers']> {
  const files = (await remote.sweep?.({ now: Date.now(), remove })) ?? [];
  return files.map((file) => ({ file, removed: remove }));
}

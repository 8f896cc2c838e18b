import { isMainstemError } from '../../platform/lib/errors.ts';
import type { DataLock, Workspace } from '../../platform/schemas/index.ts';
import {
  collectReferences,
  interruptible,
  openRemote,
  openStore,
  pull,
  push,
  type References,
  readLock,
  type TransferOptions,
} from '../../platform/storage/index.ts';
import type { ProjectContext } from '../context.ts';

type Ends = Pick<ProjectContext, 'workspace' | 'store'>;

/**
 * The two ends of a push or pull.
 *
 * @param address of the remote; left out or empty, the one that MAINSTEM_REMOTE or package.json names
 * @throws MainstemError REMOTE_UNSET, REMOTE_UNKNOWN
 */
export async function openTransfer(
  { workspace, store }: Ends,
  address?: string,
): Promise<TransferOptions> {
  const sources = {
    option: address || undefined,
    environment: process.env,
    reporter: workspace.reporter,
  };
  const remote = await openRemote(workspace.root, sources);
  return { workspace, store, remote: interruptible(remote, workspace.signal) };
}

/**
 * Pulls what is asked for, if there is a remote.
 *
 * @param references called again after every step, since manifests and records lead to more
 * @param address as {@link openTransfer} takes it
 * @returns false if no remote is configured
 * @throws MainstemError REMOTE_UNKNOWN, REMOTE_FAILED
 */
export async function pullIfRemote(
  ends: Ends,
  references: () => Promise<References>,
  address?: string,
): Promise<boolean> {
  try {
    await pull(await openTransfer(ends, address), references);
    return true;
  } catch (error) {
    if (isMainstemError(error, 'REMOTE_UNSET')) return false;
    throw error;
  }
}

/** Pulls what the lock and all models' records name. @throws MainstemError REMOTE_UNSET, REMOTE_UNKNOWN, REMOTE_FAILED */
export async function pullAll(workspace: Workspace, address: string): Promise<void> {
  const store = openStore(workspace.root);
  const lock = await readLock(workspace.root);
  const references = () => collectReferences(store, { root: workspace.root, lock });
  await pull(await openTransfer({ workspace, store }, address), references);
}

/**
 * Pushes what a lock and all models' records name, if there is a remote.
 *
 * @param address as {@link openTransfer} takes it
 * @returns false if no remote is configured
 * @throws MainstemError REMOTE_UNKNOWN, REMOTE_FAILED
 */
export async function pushIfRemote(ends: Ends, lock: DataLock, address?: string): Promise<boolean> {
  const references = await collectReferences(ends.store, { root: ends.workspace.root, lock });
  try {
    await push(await openTransfer(ends, address), references);
    return true;
  } catch (error) {
    if (isMainstemError(error, 'REMOTE_UNSET')) return false;
    throw error;
  }
}

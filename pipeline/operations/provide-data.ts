import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { lockFile } from '../../platform/lib/layout.ts';
import type { Workspace } from '../../platform/schemas/index.ts';
import {
  collectReferences,
  type DataDiff,
  datasetsOf,
  diffLocks,
  lockProject,
  openRemote,
  openStore,
  pickDatasets,
  pull,
  push,
  readLock,
  readWorkingData,
  renderChangeCounts,
} from '../../platform/storage/index.ts';
import { collectProject } from './collect.ts';
import { type Arena, openArena } from './context.ts';

/**
 * Brings the locked data of a project into the store, for jobs that start from a bare checkout: from the remote
 * if one is given; what is still missing is collected or read from the tree, and must then be what the lock says.
 *
 * @param remote address; '' for none. @throws MainstemError DATA_UNLOCKED, DATA_NOT_AS_LOCKED
 */
export async function provideData(
  workspace: Workspace,
  name: string,
  remote: string,
): Promise<void> {
  const arena = await openArena(workspace, name);
  for (const dataset of datasetsOf(arena.project)) {
    if (arena.lock.datasets[dataset.name]) continue;
    throw new MainstemError('DATA_UNLOCKED', { dataset: dataset.name, project: name });
  }
  if (remote) await pullFrom(workspace, remote);
  if (await isComplete(arena)) return;
  if (arena.project.definition.collect) await collectProject(workspace, arena.project);
  await assertAsLocked(arena);
}

/** Pulls everything that the lock and the models' records name. @param remote address */
export async function pullFrom(workspace: Workspace, remote: string): Promise<void> {
  const transfer = await openTransfer(workspace, remote);
  await pull(transfer, () => transfer.references());
}

/** Pulls from the remote that the environment or package.json names. @returns false if there is none */
export async function pullConfigured(workspace: Workspace): Promise<boolean> {
  try {
    const transfer = await openTransfer(workspace, undefined);
    await pull(transfer, () => transfer.references());
    return true;
  } catch (error) {
    if (isMainstemError(error, 'REMOTE_UNSET')) return false;
    throw error;
  }
}

/** A lock that differs from the committed one. */
export interface LockChange {
  /** The new data.lock.json. */
  readonly text: string;
  /** What changed, in words. */
  readonly summary: string;
}

/**
 * Collects on top of the locked data, locks, and pushes to the remote; null if the lock stays as it is.
 *
 * @throws what {@link provideData} throws, and COLLECT_MISSING
 */
export async function collectAndLock(
  workspace: Workspace,
  name: string,
  { harvest, remote }: { readonly harvest: string; readonly remote: string },
): Promise<LockChange | null> {
  await provideData(workspace, name, remote);
  const arena = await openArena(workspace, name);
  await collectProject(workspace, arena.project, harvest || undefined);
  const lock = await lockProject(workspace, arena.store, arena.project);
  const diff = await diffLocks(arena.store, arena.lock, lock);
  if (Object.keys(diff.datasets).length === 0) return null;
  if (remote) {
    const transfer = await openTransfer(workspace, remote);
    await push(transfer, await transfer.references());
  }
  const text = await readFile(join(workspace.root, lockFile), 'utf8');
  return { text, summary: diffText(diff) };
}

async function openTransfer(workspace: Workspace, address: string | undefined) {
  const { root } = workspace;
  const store = openStore(root);
  const remote = await openRemote(root, { option: address, environment: process.env });
  const references = async () => collectReferences(store, { root, lock: await readLock(root) });
  return { workspace, store, remote, references };
}

/** Whether the store has every file of the project's locked datasets. */
async function isComplete({ store, lock, project, workspace }: Arena): Promise<boolean> {
  const names = new Set(datasetsOf(project).map((dataset) => dataset.name));
  const own = pickDatasets(lock, names);
  const { blobs } = await collectReferences(store, { root: workspace.root, lock: own, models: [] });
  for (const digest of blobs.keys()) if (!(await store.has(digest))) return false;
  return true;
}

/** Stores the working data, provided that it is what the lock says. */
async function assertAsLocked({ workspace, store, project, lock }: Arena): Promise<void> {
  const { lock: found } = await readWorkingData(workspace, store, [project]);
  for (const { name } of datasetsOf(project)) {
    const [expected, present] = [lock.datasets[name]?.digest, found.datasets[name]?.digest];
    if (expected === present) continue;
    throw new MainstemError('DATA_NOT_AS_LOCKED', { dataset: name, expected, found: present });
  }
  await lockProject(workspace, store, project);
}

function diffText({ datasets }: DataDiff): string {
  return Object.entries(datasets)
    .map(([name, diff]) => `- ${name}: ${renderChangeCounts(diff)}`)
    .join('\n');
}

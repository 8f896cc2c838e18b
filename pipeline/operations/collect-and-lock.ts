import { join } from 'node:path';
import { lockFile } from '../../platform/lib/layout.ts';
import { markdownText } from '../../platform/lib/markdown.ts';
import { readText } from '../../platform/lib/read-text.ts';
import {
  type DataDiff,
  diffLocks,
  lockProject,
  renderChangeCounts,
} from '../../platform/storage/index.ts';
import type { ProjectContext } from '../context.ts';
import { collectProject } from './collect.ts';
import { provideData } from './provide-data.ts';
import { pushIfRemote } from './transfer.ts';

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
  context: ProjectContext,
  { harvest, remote }: { readonly harvest: string; readonly remote: string },
): Promise<LockChange | null> {
  const { workspace, store, project } = context;
  await provideData(context, remote);
  await collectProject(context, harvest || undefined);
  const lock = await lockProject(workspace, store, project);
  const diff = await diffLocks(store, context.lock, lock);
  if (Object.keys(diff.datasets).length === 0) return null;
  await pushIfRemote(context, lock, remote);
  const text = await readText(join(workspace.root, lockFile), lockFile);
  return { text, summary: renderSummary(diff) };
}

function renderSummary({ datasets }: DataDiff): string {
  return Object.entries(datasets)
    .map(([name, diff]) => `- ${markdownText(name)}: ${renderChangeCounts(diff)}`)
    .join('\n');
}

import { readStatus } from '../platform/storage/index.ts';
import type { ProjectContext } from './context.ts';

/**
 * Warns of data on disk that is not what the lock says, and of a lock that its own files contradict.
 *
 * @returns the names of these datasets
 */
export async function warnOfChangedData({
  workspace,
  store,
  lock,
  project,
}: ProjectContext): Promise<string[]> {
  const status = await readStatus(workspace, store, lock, project, { recount: true });
  const changed = status.filter(({ state }) => state === 'changed' || state === 'unknown');
  const { name } = project.definition;
  for (const { path } of changed) {
    workspace.reporter.warn(
      `${path} is not what data.lock.json says; this run takes the locked data. ` +
        `"npx mainstem lock ${name}" takes the change in.`,
    );
  }
  for (const contradiction of status.flatMap(({ contradictions }) => contradictions)) {
    workspace.reporter.warn(`${contradiction}. "npx mainstem lock ${name}" counts again.`);
  }
  return status
    .filter((one) => changed.includes(one) || one.contradictions.length > 0)
    .map(({ dataset }) => dataset);
}

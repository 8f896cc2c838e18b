import { isAbsolute, posix } from 'node:path';
import { MainstemError } from '../../lib/errors.ts';
import { lockFile } from '../../lib/layout.ts';
import type { Project } from '../../schemas/define/index.ts';
import type { LockedDataset } from '../../schemas/index.ts';
import { datasetsOf } from './lock.ts';

/**
 * Checks that a locked dataset is where its project has it now, so that nothing is written to a place that nobody reads
 * any more. One that no project has must lie in the repository.
 *
 * @throws MainstemError DATA_MOVED, DATA_INVALID
 */
export function assertPlace(
  dataset: string,
  { path: locked }: LockedDataset,
  projects: readonly Project[],
): void {
  const owner = projects.find((project) => placeIn(project, dataset) !== undefined);
  const path = owner && placeIn(owner, dataset);
  if (owner && path !== undefined) {
    if (isSamePlace(locked, path)) return;
    const project = owner.definition.name;
    throw new MainstemError('DATA_MOVED', { dataset, project, locked, path });
  }
  if (!isAbsolute(locked) && !posix.normalize(locked).startsWith('..')) return;
  const reason = `dataset "${dataset}" is at ${locked}, outside the repository`;
  throw new MainstemError('DATA_INVALID', { path: lockFile, reason });
}

/** Whether two paths, as a lock and a project write them, mean one place. */
export function isSamePlace(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => posix.normalize(`${path}/`));
  return a === b;
}

function placeIn(project: Project, dataset: string): string | undefined {
  return datasetsOf(project).find(({ name }) => name === dataset)?.path;
}

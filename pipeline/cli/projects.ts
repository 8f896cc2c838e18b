import { ownValue } from '../../platform/lib/own-value.ts';
import type { Project } from '../../platform/schemas/define/index.ts';
import type { DataLock } from '../../platform/schemas/index.ts';

/** The named projects, or all of them. @throws MainstemError PROJECT_UNKNOWN */
export async function loadProjects(root: string, names: readonly string[]): Promise<Project[]> {
  const { loadProject } = await import('../../platform/schemas/define/index.ts');
  const wanted = await namesOrAll(root, names);
  return Promise.all(wanted.map((name) => loadProject(root, name)));
}

/** These names, or those of all projects if there are none. */
export async function namesOrAll(
  root: string,
  names: readonly string[],
): Promise<readonly string[]> {
  if (names.length > 0) return names;
  const { projectNames } = await import('../../platform/schemas/define/index.ts');
  return projectNames(root);
}

/**
 * The part of a lock that belongs to the named projects; all of it if none is named.
 *
 * @throws MainstemError PROJECT_UNKNOWN, DATA_UNLOCKED
 */
export async function selectDatasets(
  root: string,
  lock: DataLock,
  names: readonly string[],
): Promise<DataLock> {
  if (names.length === 0) return lock;
  const [{ datasetsOf, sourcesOf }, { MainstemError }] = await Promise.all([
    import('../../platform/storage/index.ts'),
    import('../../platform/lib/errors.ts'),
  ]);
  const datasets: DataLock['datasets'] = {};
  for (const project of await loadProjects(root, names)) {
    for (const { name } of datasetsOf(project)) {
      const locked = ownValue(lock.datasets, name);
      const details = { dataset: name, project: project.definition.name };
      if (!locked) throw new MainstemError('DATA_UNLOCKED', details);
      datasets[name] = locked;
    }
    // Only who joins features needs them, and an earlier version locked none.
    for (const { name } of sourcesOf(project)) {
      const locked = ownValue(lock.datasets, name);
      if (locked) datasets[name] = locked;
    }
  }
  return { version: 1, datasets };
}

/** The lock at a revision, or in the working tree. @throws MainstemError REVISION_UNKNOWN */
export async function readLockAt(root: string, revision: string | undefined): Promise<DataLock> {
  const [{ parseLock, readLock }, { fileAt }, { lockFile }] = await Promise.all([
    import('../../platform/storage/index.ts'),
    import('../../platform/lib/git.ts'),
    import('../../platform/lib/layout.ts'),
  ]);
  return revision === undefined
    ? readLock(root)
    : parseLock(await fileAt(root, revision, lockFile));
}

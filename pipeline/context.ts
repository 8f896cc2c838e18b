import { loadProject, type Project } from '../platform/schemas/define/index.ts';
import type { DataLock, Workspace } from '../platform/schemas/index.ts';
import { openStore, readLock, type Store } from '../platform/storage/index.ts';
import type { JoinNote } from './join-note.ts';

/**
 * What every operation on one project works with. It is opened once, by a command, an action or a test, and passed
 * down; an operation that changes the lock goes on with a context of its own that holds the new one.
 */
export interface ProjectContext {
  readonly workspace: Workspace;
  readonly project: Project;
  /** data.lock.json as it was when the context was opened. */
  readonly lock: DataLock;
  /** What the table of that lock was joined from, where the working tree says it of another one. */
  readonly joined?: JoinNote | null;
  readonly store: Store;
}

/**
 * Loads a project and opens the store for it.
 *
 * @throws MainstemError PROJECT_UNKNOWN, PROJECT_INVALID, PARAMETER_INVALID, FILE_UNREADABLE, JSON_INVALID
 */
export async function openContext(workspace: Workspace, name: string): Promise<ProjectContext> {
  const project = await loadProject(workspace.root, name);
  const lock = await readLock(workspace.root);
  return { workspace, project, lock, store: openStore(workspace.root) };
}

/** Contexts of several projects that share one lock and one store. @throws as {@link openContext} */
export async function openContexts(
  workspace: Workspace,
  names: readonly string[],
): Promise<ProjectContext[]> {
  const projects = await Promise.all(names.map((name) => loadProject(workspace.root, name)));
  const lock = await readLock(workspace.root);
  const store = openStore(workspace.root);
  return projects.map((project) => ({ workspace, project, lock, store }));
}

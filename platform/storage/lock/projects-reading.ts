import { posix } from 'node:path';
import { isMainstemError } from '../../lib/errors.ts';
import { loadProject, type Project, projectNames } from '../../schemas/define/index.ts';
import { lockedOf } from './lock.ts';

/**
 * The other projects that have some of these files in their data: whoever changes a file changes what they learn from. A
 * project that cannot be loaded counts for none; its own commands say why.
 *
 * @param paths of files and folders, relative to the repository
 * @example await projectsReading(root, 'birds', ['pipeline/projects/penguins/penguins.csv']) // ['penguins']
 */
export async function projectsReading(
  root: string,
  name: string,
  paths: readonly string[],
): Promise<string[]> {
  const found: string[] = [];
  for (const other of await projectNames(root).catch(() => [])) {
    if (other === name) continue;
    const project = await loadIfSound(root, other);
    const read = project ? lockedOf(project).map(({ path }) => path) : [];
    if (project?.definition.features) read.push(project.definition.features.rows.path);
    if (read.some((one) => paths.some((path) => meet(one, path)))) found.push(other);
  }
  return found;
}

/** What people should know of data that several projects have. @param names of the others; at least one */
export function describeSharing(names: readonly string[], path: string): string {
  const list = new Intl.ListFormat('en', { type: 'conjunction' }).format(names);
  return `${path} is the data of ${list}, too: what changes there changes it for all of them`;
}

async function loadIfSound(root: string, name: string): Promise<Project | null> {
  try {
    return await loadProject(root, name);
  } catch (error) {
    if (isMainstemError(error)) return null;
    throw error;
  }
}

/** Whether one is the other, or lies in it. */
function meet(one: string, other: string): boolean {
  const [a, b] = [posix.join(one, '/'), posix.join(other, '/')];
  return a.startsWith(b) || b.startsWith(a);
}

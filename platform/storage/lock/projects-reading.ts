import { posix } from 'node:path';
import { lockedOf } from './locked-of.ts';
import { loadOtherProjects } from './other-projects.ts';

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
  const { projects } = await loadOtherProjects(root, name);
  return projects
    .filter((project) => {
      const { features } = project.definition;
      const read = lockedOf(project).map((dataset) => dataset.path);
      if (features) read.push(features.rows.path);
      return read.some((one) => paths.some((path) => meet(one, path)));
    })
    .map(({ definition }) => definition.name);
}

/** What people should know of data that several projects have. @param names of the others; at least one */
export function describeSharing(names: readonly string[], path: string): string {
  const list = new Intl.ListFormat('en', { type: 'conjunction' }).format(names);
  return `${path} is the data of ${list}, too: what changes there changes it for all of them`;
}

/** The same as a line of what a command says; none where nobody else has it. */
export function renderSharing(names: readonly string[], path: string): string[] {
  return names.length === 0 ? [] : [`${describeSharing(names, path)}.`];
}

/** Whether one is the other, or lies in it. */
function meet(one: string, other: string): boolean {
  const [a, b] = [posix.join(one, '/'), posix.join(other, '/')];
  return a.startsWith(b) || b.startsWith(a);
}

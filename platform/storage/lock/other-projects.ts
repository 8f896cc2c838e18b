import { isMainstemError } from '../../lib/errors.ts';
import { loadProject, type Project, projectNames } from '../../schemas/define/index.ts';

/** The projects beside one, or all of them. */
export interface OtherProjects {
  readonly projects: readonly Project[];
  /** Names of those that cannot be loaded; their own commands say why. */
  readonly broken: readonly string[];
}

/** Loads every project of a repository but one. @param name of the one that is left out; null for none */
export async function loadOtherProjects(root: string, name: string | null): Promise<OtherProjects> {
  const projects: Project[] = [];
  const broken: string[] = [];
  for (const other of await projectNames(root).catch(() => [])) {
    if (other === name) continue;
    const project = await loadIfSound(root, other);
    if (project) projects.push(project);
    else broken.push(other);
  }
  return { projects, broken };
}

async function loadIfSound(root: string, name: string): Promise<Project | null> {
  try {
    return await loadProject(root, name);
  } catch (error) {
    if (isMainstemError(error)) return null;
    throw error;
  }
}

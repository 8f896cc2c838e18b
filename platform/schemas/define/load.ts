import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMainstemError, MainstemError } from '../../lib/errors.ts';
import { projectsFolder } from '../../lib/layout.ts';
import { type Parameters, parseParameters } from './parameters.ts';
import { defineProject, type ProjectDefinition, type ProjectInput } from './project.ts';

/** A project with its parameters, as the commands use it. */
export interface Project {
  readonly definition: ProjectDefinition;
  readonly parameters: Parameters;
  /** The project's folder, absolute. */
  readonly folder: string;
}

/** The names of all projects, sorted. */
export async function projectNames(root: string): Promise<string[]> {
  const entries = await readdir(join(root, projectsFolder), { withFileTypes: true });
  return entries
    .filter((entry) => existsSync(join(root, projectsFolder, entry.name, 'project.ts')))
    .map((entry) => entry.name)
    .sort();
}

/** Checks that there is a project of this name. @throws MainstemError PROJECT_UNKNOWN */
export async function assertProject(root: string, name: string): Promise<void> {
  if (existsSync(join(root, projectsFolder, name, 'project.ts'))) return;
  const known = (await projectNames(root)).join(', ') || 'none';
  throw new MainstemError('PROJECT_UNKNOWN', { name, known });
}

/**
 * Loads a project and its params.json.
 *
 * @throws MainstemError PROJECT_UNKNOWN, PROJECT_INVALID, FILE_UNREADABLE, PARAMETER_INVALID, JSON_INVALID
 */
export async function loadProject(root: string, name: string): Promise<Project> {
  await assertProject(root, name);
  const folder = join(root, projectsFolder, name);
  const definition = await importDefinition(folder, name);
  const path = join(projectsFolder, name, 'params.json');
  const text = await readFile(join(root, path), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new MainstemError('FILE_UNREADABLE', { path, reason: cause.code }, { cause });
  });
  return { definition, parameters: parseParameters(text, definition, path), folder };
}

async function importDefinition(folder: string, name: string): Promise<ProjectDefinition> {
  const path = join(folder, 'project.ts');
  const module: { default?: ProjectInput } = await import(pathToFileURL(path).href).catch(
    (cause: unknown) => {
      if (isMainstemError(cause)) throw cause;
      const where = `${projectsFolder}/${name}/project.ts`;
      const reason = `cannot be loaded: ${firstLine(cause)}`;
      throw new MainstemError('PROJECT_INVALID', { name, where, reason }, { cause });
    },
  );
  const definition = module.default;
  if (!definition || definition.name !== name) {
    const reason = `must be defineProject({ name: '${name}', … })`;
    throw new MainstemError('PROJECT_INVALID', { name, where: 'the default export', reason });
  }
  return defineProject(definition);
}

function firstLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split('\n', 1)[0] ?? '';
}

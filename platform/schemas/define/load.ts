import { readdirSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { isMainstemError, MainstemError } from '../../lib/errors.ts';
import { firstLine } from '../../lib/first-line.ts';
import { projectsFolder } from '../../lib/layout.ts';
import { runProjectCode, type SuddenEnd } from '../../lib/project-code.ts';
import { readText } from '../../lib/read-text.ts';
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
  const names = await readdir(join(root, projectsFolder));
  return names.filter((name) => findDefinition(root, name) !== null).sort();
}

/** What lies at a project's project.ts: a file, or the reason why it cannot be read; null if there is nothing. */
function findDefinition(root: string, name: string): 'file' | { readonly reason: string } | null {
  try {
    const found = statSync(join(root, projectsFolder, name, 'project.ts'));
    if (found.isFile()) return 'file';
    return { reason: found.isDirectory() ? 'EISDIR' : 'ENOTFILE' };
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'EIO';
    return ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'EINVAL'].includes(reason) ? null : { reason };
  }
}

/**
 * Checks that there is a project of this name, written the same way: a volume that takes `Apples` for `apples` finds it too.
 *
 * @throws MainstemError PROJECT_UNKNOWN; FILE_UNREADABLE if its project.ts cannot be read
 */
export async function assertProject(root: string, name: string): Promise<void> {
  const names = await projectNames(root);
  const found = names.includes(name) ? findDefinition(root, name) : null;
  if (found === null) {
    throw new MainstemError('PROJECT_UNKNOWN', { name, known: names.join(', ') || 'none' });
  }
  const path = `${projectsFolder}/${name}/project.ts`;
  if (found !== 'file') throw new MainstemError('FILE_UNREADABLE', { path, ...found });
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
  const text = await readText(join(root, path), path);
  return { definition, parameters: parseParameters(text, definition, path), folder };
}

/** Importing a pipe would wait forever, and not even Ctrl-C would end it. @throws MainstemError FILE_UNREADABLE */
function assertNoPipes(folder: string, name: string): void {
  for (const file of readdirSync(folder).filter((some) => /\.[cm]?[jt]s$/.test(some))) {
    const found = statSync(join(folder, file), { throwIfNoEntry: false });
    if (!found || found.isFile() || found.isDirectory()) continue;
    const path = `${projectsFolder}/${name}/${file}`;
    throw new MainstemError('FILE_UNREADABLE', { path, reason: 'ENOTFILE' });
  }
}

async function importDefinition(folder: string, name: string): Promise<ProjectDefinition> {
  assertNoPipes(folder, name);
  const module = await runProjectCode(
    (end) => invalidFile(name, endings[end]),
    () => importInTime(join(folder, 'project.ts'), name),
  );
  const definition = module.default;
  if (!definition || definition.name !== name) {
    const reason = `must be defineProject({ name: '${name}', … })`;
    throw new MainstemError('PROJECT_INVALID', { name, where: 'the default export', reason });
  }
  await assertBuilderIsKeyed(folder, definition);
  return defineProject(definition);
}

/**
 * Where there is a model.ts, it is what the run key holds of the network: a builder from elsewhere could change without
 * anything being trained again.
 */
async function assertBuilderIsKeyed(folder: string, { name, model }: ProjectInput): Promise<void> {
  const path = join(folder, 'model.ts');
  if (typeof model !== 'function' || !statSync(path, { throwIfNoEntry: false })) return;
  const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(path).href);
  if (Object.values(module).includes(model)) return;
  const reason =
    'must be exported by model.ts, which is there: the run key takes the network from it';
  throw new MainstemError('PROJECT_INVALID', { name, where: 'model', reason });
}

const endings: Readonly<Record<SuddenEnd, string>> = {
  exited: 'ends the process while it is loaded (process.exit)',
  idle: 'never finishes loading: it awaits something that never comes',
};

/** Loading is declaring: what takes longer than this waits for something outside. */
const patienceMs = 60_000;

async function importInTime(path: string, name: string): Promise<{ default?: ProjectInput }> {
  const late = new AbortController();
  // Unreferenced: a process that waits for nothing else ends at once, which the roots notice.
  const limit = delay(patienceMs, null, { ref: false, signal: late.signal }).then(() => {
    const seconds = patienceMs / 1000;
    throw invalidFile(name, `has not finished loading after ${seconds} s: it awaits something`);
  });
  limit.catch(() => {});
  try {
    return await Promise.race([import(pathToFileURL(path).href), limit]);
  } catch (cause) {
    // What the system says is translated where every error of the system is.
    if (isMainstemError(cause) || isOfSystem(cause)) throw cause;
    throw invalidFile(name, `cannot be loaded: ${firstLine(cause)}`, cause);
  } finally {
    late.abort();
  }
}

function invalidFile(name: string, reason: string, cause?: unknown): MainstemError {
  const where = `${projectsFolder}/${name}/project.ts`;
  return new MainstemError('PROJECT_INVALID', { name, where, reason }, { cause });
}

function isOfSystem(cause: unknown): boolean {
  return cause instanceof Error && 'syscall' in cause;
}

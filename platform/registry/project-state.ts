import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MainstemError } from '../lib/errors.ts';
import { readFileState } from '../lib/file-state.js';
import { gitEntries } from '../lib/git.ts';
import { lockFile, projectsFolder } from '../lib/layout.ts';

/** What a promotion would commit of a project: each changed file, and its state. */
export type ProjectState = ReadonlyMap<string, string>;

/**
 * What has changed since HEAD of a project's folder and data.lock.json. Take it before the project is loaded, and a
 * promotion can tell that what it commits is what was loaded.
 *
 * @throws MainstemError GIT_FAILED
 */
export async function readProjectState(root: string, model: string): Promise<ProjectState> {
  const paths = await changedFiles(root, [projectFolder(model), lockFile]);
  return new Map(paths.map((path) => [path, readFileState(root, path)?.state ?? 'no file']));
}

/** The paths at which two states differ, sorted. */
export function stateDifferences(before: ProjectState, after: ProjectState): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path)).sort();
}

/** The folder of the project that makes a model, relative to the repository. */
export function projectFolder(model: string): string {
  return `${projectsFolder}/${model}/`;
}

/** The files at or below some paths that differ from HEAD. @throws MainstemError GIT_LOOKS_AWAY */
export async function changedFiles(root: string, paths: readonly string[]): Promise<string[]> {
  const existing = paths.filter((path) => existsSync(join(root, path)));
  if (existing.length === 0) return [];
  await assertLookedAt(root, existing);
  const asked = ['status', '--porcelain', '-z', '--no-renames', '-uall', '--', ...existing];
  return (await gitEntries(root, 1, ...asked)).map(([entry = '']) => entry.slice(3));
}

/**
 * Refuses files of which git would see no change (assume-unchanged, skip-worktree), though they are there.
 *
 * @throws MainstemError GIT_LOOKS_AWAY
 */
export async function assertLookedAt(root: string, paths: readonly string[]): Promise<void> {
  const listed = await gitEntries(root, 1, 'ls-files', '-v', '-z', '--', ...paths);
  // A tag and a blank before each path: S for skip-worktree, a small letter for assume-unchanged.
  const hidden = listed.flatMap(([entry = '']) => (/^[Sa-z]/.test(entry) ? [entry.slice(2)] : []));
  const files = hidden.filter((path) => existsSync(join(root, path)));
  if (files.length > 0) throw new MainstemError('GIT_LOOKS_AWAY', { files: files.join(' ') });
}

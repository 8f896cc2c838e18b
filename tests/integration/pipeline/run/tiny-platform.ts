import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { git } from '../../../../platform/lib/git.ts';
import { silentReporter } from '../../../../platform/lib/reporter.ts';
import { loadProject } from '../../../../platform/schemas/define/index.ts';
import type { Workspace } from '../../../../platform/schemas/index.ts';
import { lockProject, openStore } from '../../../../platform/storage/index.ts';

const repository = join(import.meta.dirname, '../../../..');

/** A copy of the platform with the penguins project alone, locked and committed; removed after the test. */
export interface TinyPlatform {
  readonly root: string;
  readonly workspace: Workspace;
  /** Runs `mainstem <args>`; never throws for an exit code. */
  mainstem(...args: string[]): Promise<{ code: number; out: string; err: string }>;
  /** Replaces a text in a file. */
  edit(path: string, before: string | RegExp, after: string): Promise<void>;
}

export async function createTinyPlatform(): Promise<TinyPlatform> {
  const root = await mkdtemp(join(tmpdir(), 'mainstem-run-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const part of [
    'platform',
    'pipeline',
    'monitoring',
    'serving',
    'package.json',
    '.gitignore',
  ]) {
    await cp(join(repository, part), join(root, part), { recursive: true, filter: isWanted });
  }
  await symlink(join(repository, 'node_modules'), join(root, 'node_modules'));
  const { signal } = new AbortController();
  const workspace = { root, reporter: silentReporter, signal };
  const platform = { root, workspace, mainstem: runner(root), edit: editor(root) };
  await platform.edit('pipeline/projects/penguins/params.json', /"epochs": \d+/, '"epochs": 30');
  await lockProject(workspace, openStore(root), await loadProject(root, 'penguins'));
  await commitAll(root);
  return platform;
}

function isWanted(path: string): boolean {
  return !/node_modules|projects[/\\](?!penguins)|[/\\]records|models.*json/.test(
    path.slice(repository.length),
  );
}

function runner(root: string) {
  const cli = join(root, 'pipeline', 'cli', 'cli.ts');
  return async (...args: string[]) => {
    try {
      const done = await promisify(execFile)(process.execPath, [cli, ...args], { cwd: root });
      return { code: 0, out: done.stdout, err: done.stderr };
    } catch (error) {
      if (!(error instanceof Error) || !('stdout' in error) || !('stderr' in error)) throw error;
      const code = 'code' in error ? Number(error.code) : 1;
      return { code, out: String(error.stdout), err: String(error.stderr) };
    }
  };
}

function editor(root: string) {
  return async (path: string, before: string | RegExp, after: string) => {
    const text = await readFile(join(root, path), 'utf8');
    const changed = text.replace(before, after);
    if (changed === text) throw new Error(`${path} does not hold ${before}`);
    await writeFile(join(root, path), changed);
  };
}

/** Commits everything, the linked packages aside. */
export async function commitAll(root: string): Promise<void> {
  const who = ['-c', 'user.name=Jen', '-c', 'user.email=jen@example.org'];
  await git(root, 'init', '--quiet');
  await writeFile(join(root, '.git', 'info', 'exclude'), 'node_modules\n');
  await git(root, 'add', '--all');
  await git(root, ...who, 'commit', '--quiet', '--message', 'State');
}

import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from '../../platform/lib/git.ts';

const repository = join(import.meta.dirname, '../..');

/** A small repository with one project, `tab`: a table of 120 rows that is learnt in a second. */
export interface Farm {
  readonly root: string;
  /** Runs `mainstem <args>`, from a folder inside the farm if one is named; never throws for an exit code. */
  mainstem(...args: string[]): Promise<Outcome>;
  mainstemIn(folder: string, env: NodeJS.ProcessEnv, ...args: string[]): Promise<Outcome>;
  /** Replaces a text in a file. */
  edit(path: string, before: string | RegExp, after: string): Promise<void>;
}

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const parts = [
  ...['platform', 'pipeline', 'monitoring', 'serving', 'package.json', 'package-lock.json'],
  ...['.gitignore', '.gitattributes'],
];

/** Copies the platform to a folder, without data and models, and makes a repository of it. */
export async function buildFarm(root: string): Promise<Farm> {
  await mkdir(root, { recursive: true });
  for (const part of parts)
    await cp(join(repository, part), join(root, part), { recursive: true, filter: isWanted });
  await mkdir(join(root, 'pipeline/projects'), { recursive: true });
  await symlink(join(repository, 'node_modules'), join(root, 'node_modules'));
  await git(root, 'init', '--quiet', '--initial-branch=main');
  await writeFile(join(root, '.git/info/exclude'), 'node_modules\n');
  for (const [name, value] of [
    ['user.name', 'Jen'],
    ['user.email', 'jen@example.org'],
    ['commit.gpgsign', 'false'],
  ] as const)
    await git(root, 'config', name, value);
  const farm = openFarm(root);
  await planTab(farm);
  return farm;
}

/** A farm that is there already: a clone or a worktree of one. */
export function openFarm(root: string): Farm {
  return {
    root,
    mainstem: (...args) => run(root, root, {}, args),
    mainstemIn: (folder, env, ...args) => run(root, folder, env, args),
    edit: async (path, before, after) => {
      const text = await readFile(join(root, path), 'utf8');
      const changed = text.replace(before, after);
      if (changed === text) throw new Error(`${path} does not hold ${before}`);
      await writeFile(join(root, path), changed);
    },
  };
}

/** Links the packages into a clone, which has none. */
export async function furnish(root: string): Promise<Farm> {
  await symlink(join(repository, 'node_modules'), join(root, 'node_modules'));
  return openFarm(root);
}

/** The project as `init` writes it, quick to train and with no gate that chance could close. */
async function planTab(farm: Farm): Promise<void> {
  const { root, edit } = farm;
  await mkdir(join(root, 'data'));
  await writeFile(join(root, 'data/tab.csv'), renderTable());
  const made = await farm.mainstem('init', 'tab', '--from', 'data/tab.csv', '--label', 'kind');
  if (made.code !== 0) throw new Error(made.err);
  const project = 'pipeline/projects/tab';
  await edit(`${project}/params.json`, /"epochs": \d+/, '"epochs": 3');
  await edit(`${project}/project.ts`, / {2}gates: \[[^\]]*\]/, '  gates: []');
  await edit(`${project}/project.ts`, /latencyMs: [\d.]+/, 'latencyMs: 1_000');
  await git(root, 'add', '--all');
  await git(root, 'commit', '--quiet', '-m', 'Start');
}

/** Two kinds that their numbers tell apart. */
function renderTable(): string {
  const rows = Array.from({ length: 120 }, (_, row) => {
    const [kind, base] = row % 2 === 0 ? ['a', 1] : ['b', 4];
    const [x, y] = [(row * 37) % 100, (row * 61) % 100].map((some) => base + some / 100);
    return [x, y, ['red', 'green', 'blue'][row % 3], kind].join(',');
  });
  return `x,y,colour,kind\n${rows.join('\n')}\n`;
}

function isWanted(path: string): boolean {
  return !/node_modules|[/\\]projects[/\\]/.test(path.slice(repository.length));
}

function run(
  root: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
  args: readonly string[],
): Promise<Outcome> {
  const { FORCE_COLOR: _, VITEST: __, ...inherited } = process.env;
  const options = {
    cwd,
    env: { ...inherited, NO_COLOR: '1', ...env },
    maxBuffer: 64 * 1024 * 1024,
  };
  const cli = join(root, 'pipeline', 'cli', 'bootstrap.js');
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], options, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, out, err });
    });
  });
}

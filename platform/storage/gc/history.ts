import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MainstemError } from '../../lib/errors.ts';
import { git, gitEntries } from '../../lib/git.ts';
import { lockFile, modelsFolder } from '../../lib/layout.ts';
import { listRuns, recordPath } from '../../registry/index.ts';

const run = promisify(execFile);

/** A lock or a model's record, as some commit or working tree has it. */
export interface HistoricFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Every lock and every model's record that any branch, tag, stash, reflog, index or working tree of this clone leads
 * to, each once.
 *
 * @param more commits that are followed, too: the tips of branches elsewhere
 * @throws MainstemError GIT_FAILED
 */
export async function readHistory(
  root: string,
  more: readonly string[] = [],
): Promise<HistoricFile[]> {
  const listed = await git(
    root,
    ...['rev-list', '--objects', '--no-object-names', '--full-history'],
    ...['--filter=object:type=blob', '--filter-provided-objects', '--all', '--reflog'],
    ...[...more, '--', lockFile, modelsFolder],
  );
  // Not by `--indexed-objects`, which lists every file of the index whatever its path.
  const staged = ['ls-files', '-z', '--stage', '--', lockFile, modelsFolder];
  const indexed = (await gitEntries(root, 1, ...staged)).map(([file]) => file?.split(' ')[1] ?? '');
  const committed: HistoricFile[] = [];
  for (const object of new Set([...listed.split('\n'), ...indexed].filter(Boolean))) {
    committed.push({ path: object, text: await git(root, 'cat-file', 'blob', object) });
  }
  return [...committed, ...(await readWorkingTrees(root))];
}

async function readWorkingTrees(root: string): Promise<HistoricFile[]> {
  const inside = await git(root, 'rev-parse', '--show-prefix');
  const listed = await git(root, 'worktree', 'list', '--porcelain', '-z').catch(() =>
    // git before 2.36 separates by lines only.
    git(root, 'worktree', 'list', '--porcelain').then((lines) => lines.replaceAll('\n', '\0')),
  );
  const files: HistoricFile[] = [];
  for (const [, tree = ''] of listed.matchAll(/(?<=^|\0)worktree ([^\0]+)/g)) {
    const folder = join(tree, inside);
    // A working tree that was deleted without telling git has nothing to keep.
    const runs = await listRuns(folder).catch(() => []);
    const paths = [lockFile, ...runs.map(({ model, run: name }) => recordPath(model, name))];
    for (const path of paths) {
      const text = await readFile(join(folder, path), 'utf8').catch(() => undefined);
      if (text !== undefined) files.push({ path: join(folder, path), text });
    }
  }
  return files;
}

/**
 * The commits that other clones' branches and tags lead to.
 *
 * @throws MainstemError GC_INCOMPLETE if this clone does not have them all, so that it cannot know what they need
 */
export async function readTipsElsewhere(root: string): Promise<string[]> {
  if ((await git(root, 'rev-parse', '--is-shallow-repository')) === 'true') {
    throw new MainstemError('GC_INCOMPLETE', { reason: 'this clone is shallow' });
  }
  const tips = new Set<string>();
  const remotes = (await git(root, 'remote')).split('\n').filter(Boolean);
  for (const remote of remotes) {
    const listed = await git(root, 'ls-remote', '--heads', '--tags', remote).catch(
      (cause: unknown) => {
        const reason = `the branches of ${remote} cannot be listed`;
        throw new MainstemError('GC_INCOMPLETE', { reason }, { cause });
      },
    );
    for (const line of listed.split('\n')) {
      const [commit = '', name = ''] = line.split('\t');
      if (commit === '') continue;
      await assertHere(root, commit, `${remote}: ${name}`);
      tips.add(commit);
    }
  }
  return [...tips];
}

async function assertHere(root: string, commit: string, name: string): Promise<void> {
  await run('git', ['cat-file', '-e', commit], { cwd: root }).catch((cause: unknown) => {
    const reason = `this clone lacks a commit that others have (${name})`;
    throw new MainstemError('GC_INCOMPLETE', { reason }, { cause });
  });
}

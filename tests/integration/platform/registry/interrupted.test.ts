import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { git } from '../../../../platform/lib/git.ts';
import { history, promote, readPointer, rollback } from '../../../../platform/registry/index.ts';
import { applyTreeChange } from '../../../../platform/registry/write.ts';
import { openStore } from '../../../../platform/storage/index.ts';
import { buildCandidate } from '../../../helpers/candidate.ts';
import { type Repository, test } from '../../../helpers/repository.ts';

const channel = 'production';

async function promoted(root: string, seed: string): Promise<string> {
  const candidate = await buildCandidate(openStore(root), seed);
  const shared = { channel, commit: true, gates: [], code: [], treeKey: candidate.key } as const;
  await promote({ root, store: openStore(root), candidate, ...shared });
  return candidate.run;
}

const rolledBack = (root: string) =>
  rollback({ root, store: openStore(root), model: 'pumpkins', channel, commit: true });

/** A repository in which two runs were promoted; their names, the serving one last. */
async function prepare(repository: Repository): Promise<readonly [string, string]> {
  await repository.write({ '.gitignore': '.mainstem/\n' });
  await repository.commit('Start');
  const { root } = repository;
  return [await promoted(root, 'a'), await promoted(root, 'b')];
}

async function hook(root: string, name: string, lines: string): Promise<void> {
  const path = join(root, '.git/hooks', name);
  await writeFile(path, `#!/bin/sh\n${lines}\n`);
  await chmod(path, 0o755);
}

const statusOf = (root: string) => git(root, 'status', '--porcelain');

/** Where git is when it is ended: HEAD has moved. */
const after: readonly (readonly [string, string])[] = [
  ['post-commit', 'kill -SIGNAL $PPID; sleep 1'],
  ['reference-transaction', '[ "$1" = committed ] || exit 0\nkill -SIGNAL $PPID; sleep 1'],
];
const ended = after.flatMap(([name, lines]) =>
  (
    [
      ['INT', 'COMMIT_INTERRUPTED', 130],
      ['TERM', 'COMMIT_INTERRUPTED', 130],
      ['HUP', 'COMMIT_INTERRUPTED', 130],
      ['SEGV', 'COMMIT_UNSETTLED', 3],
    ] as const
  ).map(
    ([signal, code, exitCode]) =>
      [signal, name, lines.replace('SIGNAL', signal), code, exitCode] as const,
  ),
);

describe('a git that is ended when the commit is made', () => {
  test.for(ended)(
    'by SIG%s in %s: a promotion counts, and the tree has what HEAD has',
    async ([, name, lines, code, exitCode], { repository }) => {
      const { root } = repository;
      await prepare(repository);
      await hook(root, name, lines);
      const { run } = await buildCandidate(openStore(root), 'c');
      const error: unknown = await promoted(root, 'c').catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        ...{ code, exitCode },
        message: expect.stringContaining(`"Promote pumpkins ${run}"`),
        details: { commit: await git(root, 'rev-parse', 'HEAD') },
      });
      await hook(root, name, 'exit 0');
      expect(await statusOf(root)).toBe('');
      expect((await history(root, 'pumpkins'))[0]).toMatchObject({ run, kind: 'promotion' });
      // Said again it is no fault: it serves already.
      expect(await promoted(root, 'c')).toBe(run);
    },
  );

  test('a rollback counts, and the next one goes on from it', async ({ repository }) => {
    const { root } = repository;
    const [first] = await prepare(repository);
    await hook(root, 'post-commit', 'kill -INT $PPID; sleep 1');
    await expect(rolledBack(root)).rejects.toMatchObject({ code: 'COMMIT_INTERRUPTED' });
    await hook(root, 'post-commit', 'exit 0');
    expect(await statusOf(root)).toBe('');
    expect(await readPointer(root, 'pumpkins')).toMatchObject({ run: first });
    await expect(rolledBack(root)).rejects.toMatchObject({ code: 'ROLLBACK_NOTHING' });
  });

  test('the first commit of a repository counts, too', async ({ repository }) => {
    const { root } = repository;
    await repository.write({ '.git/info/exclude': '.mainstem/\n' });
    await hook(root, 'post-commit', 'kill -INT $PPID; sleep 1');
    const change = { files: { 'models/a.json': '{}\n' }, include: [], message: 'Promote' };
    await expect(applyTreeChange(root, change)).rejects.toMatchObject({
      code: 'COMMIT_INTERRUPTED',
    });
    expect(await statusOf(root)).toBe('');
    expect(await readFile(join(root, 'models/a.json'), 'utf8')).toBe('{}\n');
  });

  test('what a hook changed before is undone all the same', async ({ repository }) => {
    const { root } = repository;
    const [, second] = await prepare(repository);
    const head = await git(root, 'rev-parse', 'HEAD');
    const pointer = 'models/pumpkins/production.json';
    await hook(root, 'pre-commit', `echo >> ${pointer}; git add ${pointer}`);
    await hook(root, 'post-commit', 'kill -INT $PPID; sleep 1');
    await expect(promoted(root, 'c')).rejects.toMatchObject({ code: 'GIT_HOOK_CHANGED' });
    expect(await git(root, 'rev-parse', 'HEAD')).toBe(head);
    expect(await statusOf(root)).toBe('');
    expect(await readPointer(root, 'pumpkins')).toMatchObject({ run: second });
  });
});

describe('a git that is ended before the commit is made', () => {
  test.for(['pre-commit', 'prepare-commit-msg', 'commit-msg'])(
    'in %s: nothing has changed, and it is said to be interrupted',
    async (name, { repository }) => {
      const { root } = repository;
      const [, second] = await prepare(repository);
      await hook(root, name, 'kill -INT $PPID; sleep 1');
      const rejected = { code: 'INTERRUPTED', exitCode: 130 };
      await expect(promoted(root, 'c')).rejects.toMatchObject(rejected);
      await expect(rolledBack(root)).rejects.toMatchObject(rejected);
      expect(await statusOf(root)).toBe('');
      expect(await readPointer(root, 'pumpkins')).toMatchObject({ run: second });
    },
  );

  test("another commit that was made meanwhile is nobody's promotion, and stays", async ({
    repository,
  }) => {
    const { root } = repository;
    const [, second] = await prepare(repository);
    const other =
      'GIT_INDEX_FILE=.git/other git read-tree HEAD\nTREE=$(git rev-parse HEAD^{tree})\n' +
      'git update-ref HEAD $(git commit-tree -p HEAD -m Other $TREE)';
    await hook(root, 'pre-commit', `${other}\nexit 1`);
    await expect(promoted(root, 'c')).rejects.toMatchObject({ code: 'GIT_FAILED' });
    expect(await git(root, 'log', '-1', '--format=%s')).toBe('Other');
    expect(await statusOf(root)).toBe('');
    expect(await readPointer(root, 'pumpkins')).toMatchObject({ run: second });
  });
});

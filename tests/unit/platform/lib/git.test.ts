import { chmod, mkdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, vi } from 'vitest';
import { isMainstemError } from '../../../../platform/lib/errors.ts';
import {
  assertRevision,
  currentBranch,
  fileAt,
  git,
  gitEntries,
  headCommit,
  isShallow,
  otherwise,
} from '../../../../platform/lib/git.ts';
import { test } from '../../../helpers/repository.ts';

test("a file's text is read at a revision, and is null if the file did not exist yet", async ({
  repository: { root, write, commit },
}) => {
  await write({ 'a.txt': 'one\n' });
  await commit('One');
  expect(await fileAt(root, 'HEAD', 'a.txt')).toBe('one');
  expect(await fileAt(root, 'main', 'b.txt')).toBeNull();
});

test.for(['nonsense', '--output=x'])(
  '%s is reported as not a git revision',
  async (revision, { repository }) => {
    const { root, commit } = repository;
    await commit('One');
    const error = await fileAt(root, revision, 'a.txt').catch((thrown: unknown) => thrown);
    if (!isMainstemError(error, 'REVISION_UNKNOWN')) throw error;
    expect(error).toMatchObject({
      message: `There is no git revision "${revision}".`,
      exitCode: 2,
    });
  },
);

test('a failed commit does not show its whole message', async ({ repository: { root } }) => {
  const failed = git(root, 'commit', '-m', 'Promote apples\n\nA long story.', '--', 'a.txt');
  const error = await failed.catch((thrown: unknown) => thrown);
  if (!isMainstemError(error, 'GIT_FAILED')) throw error;
  expect(error.details.command).toBe('commit -m Promote …');
});

describe('a hook of the repository', () => {
  const writeHook = async (root: string, text: string) => {
    await mkdir(join(root, '.git/hooks'), { recursive: true });
    await writeFile(join(root, '.git/hooks/pre-commit'), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  };
  const commit = (root: string) => git(root, 'commit', '--allow-empty', '-m', 'Promote apples');

  test.for([
    ['exit 1', 'git ended with 1 and said nothing; a hook of this repository may have refused it'],
    ['exit 77', 'git ended with 1 and said nothing; a hook of this repository may have refused it'],
    ['echo Not today; exit 1', 'Not today'],
    ['echo Not today >&2; exit 1', 'Not today'],
  ] as const)('that refuses a commit: %s', async ([text, reason], { repository: { root } }) => {
    await writeHook(root, text);
    await expect(commit(root)).rejects.toMatchObject({ code: 'GIT_FAILED', details: { reason } });
  });

  test.for(['sleep 30 &', 'sleep 30 & echo started >&2', '(sleep 30 >/dev/null) &'])(
    'that leaves something running is not waited for: %s',
    async (text, { repository: { root } }) => {
      await writeHook(root, `${text}\necho $! > left.pid`);
      const began = performance.now();
      await commit(root);
      expect(performance.now() - began).toBeLessThan(10_000);
      expect(await headCommit(root)).not.toBeNull();
      process.kill(Number(await readFile(join(root, 'left.pid'), 'utf8')));
    },
  );
});

test('a commit without an identity says what to configure', async ({ repository: { root } }) => {
  await git(root, 'config', 'user.name', '');
  const error = await git(root, 'commit', '--allow-empty', '-m', 'One').catch((thrown) => thrown);
  if (!isMainstemError(error, 'GIT_IDENTITY')) throw error;
  expect(error.hint).toContain('git config --global user.name');
  expect(error.hint).toContain('git config --global user.email');
});

describe('what git means by its errors', () => {
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'nothing',
      (error: unknown) => (isMainstemError(error) ? error.code : error),
    );

  test('no commit yet', async ({ repository: { root } }) => {
    expect(await codeOf(git(root, 'log', 'HEAD'))).toBe('GIT_NO_COMMITS');
    expect(await headCommit(root)).toBeNull();
  });

  test('a branch without a commit in a repository with some', async ({ repository }) => {
    await repository.commit('One');
    const first = await git(repository.root, 'branch', '--show-current');
    await git(repository.root, 'checkout', '-q', '--orphan', 'new/branch');
    const error = await git(repository.root, 'log', 'HEAD').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'GIT_BRANCH_UNBORN', details: { branch: 'new/branch' } });
    expect(await headCommit(repository.root)).toBeNull();
    await git(repository.root, 'switch', '-q', first);
    expect(await headCommit(repository.root)).not.toBeNull();
  });

  test('a lock that another command holds, or that a killed one left', async ({ repository }) => {
    await repository.commit('One');
    const lock = join(repository.root, '.git/index.lock');
    await writeFile(lock, '');
    // Nobody waits for an old one.
    await utimes(lock, 0, 0);
    const error = await git(repository.root, 'add', '--all').catch((thrown: unknown) => thrown);
    if (!isMainstemError(error, 'GIT_BUSY')) throw error;
    expect(error.message).toContain(lock);
  });

  test('a merge that is not finished', async ({ repository: { root, write, commit } }) => {
    await write({ a: '1' });
    await commit('One');
    await git(root, 'switch', '--quiet', '--create', 'other');
    await write({ a: '2' });
    await commit('Two');
    await git(root, 'switch', '--quiet', 'main');
    await write({ a: '3' });
    await commit('Three');
    await git(root, 'merge', 'other').catch(() => '');
    const committed = codeOf(git(root, 'commit', '-m', 'Promote', '--', 'a'));
    expect(await committed).toBe('GIT_UNFINISHED');
  });

  test('a repository that is damaged', async ({ repository: { root, commit } }) => {
    await commit('One');
    for (const [file, text] of [
      ['index', 'x'],
      ['HEAD', 'x'],
    ] as const) {
      await writeFile(join(root, '.git', file), text);
      expect(await codeOf(git(root, 'status'))).toBe('GIT_DAMAGED');
    }
  });

  test('settings that git cannot read, wherever they stand', async ({ repository }) => {
    const { root, commit } = repository;
    await commit('One');
    const config = join(root, '.git/config');
    const sound = await readFile(config, 'utf8');
    for (const line of [
      '[core',
      '[core]\nautocrlf = odd',
      '[core]\ncompression = x',
      '[user]\nname',
    ]) {
      await writeFile(config, `${sound}${line}\n`);
      expect(await codeOf(git(root, 'commit', '--allow-empty', '-m', 'x')), line).toBe(
        'GIT_SETTINGS',
      );
    }
    await writeFile(config, sound);
    for (const [name, value] of [
      ['GIT_CONFIG_COUNT', 'x'],
      ['GIT_CONFIG_COUNT', '1'],
      ['GIT_CONFIG_PARAMETERS', "'a"],
    ] as const) {
      vi.stubEnv(name, value);
      expect(await codeOf(git(root, 'status')), `${name}=${value}`).toBe('GIT_SETTINGS');
      vi.unstubAllEnvs();
    }
  });

  test('no repository, a broken link to one, and a folder that is gone', async ({ folder }) => {
    vi.stubEnv('GIT_CEILING_DIRECTORIES', join(folder, '..'));
    expect(await codeOf(git(folder, 'status'))).toBe('GIT_NO_REPOSITORY');
    expect(await headCommit(folder)).toBeNull();
    await writeFile(join(folder, '.git'), 'gitdir: /nowhere');
    expect(await codeOf(git(folder, 'status'))).toBe('GIT_DAMAGED');
    await rm(join(folder, '.git'));
    await symlink('.git', join(folder, '.git'));
    expect(await codeOf(git(folder, 'status'))).toBe('GIT_NO_REPOSITORY');
    expect(await codeOf(git(join(folder, 'gone'), 'status'))).toBe('FILE_UNREADABLE');
    vi.unstubAllEnvs();
  });

  test('no git, and a git that cannot be run', async ({ folder }) => {
    vi.stubEnv('PATH', folder);
    expect(await codeOf(git(folder, 'status'))).toBe('GIT_MISSING');
    await writeFile(join(folder, 'git'), '');
    await chmod(join(folder, 'git'), 0o644);
    expect(await codeOf(git(folder, 'status'))).toBe('PROGRAM_UNUSABLE');
    vi.unstubAllEnvs();
  });
});

test('the folder decides which repository is meant, in the hooks of another one too', async ({
  folder,
  repository: { root, write, commit },
}) => {
  await write({ 'a.txt': 'ours\n' });
  const ours = await commit('Ours');
  const other = join(folder, 'other');
  await mkdir(other);
  await git(other, 'init', '--quiet');
  vi.stubEnv('GIT_DIR', join(other, '.git'));
  vi.stubEnv('GIT_INDEX_FILE', join(other, '.git/index'));
  vi.stubEnv('LC_ALL', 'de_DE.UTF-8');
  expect(await headCommit(root)).toBe(ours);
  expect(await git(root, 'ls-files', 'a.txt')).toBe('a.txt');
  vi.unstubAllEnvs();
});

test('how a person wants paths to be read changes nothing here', async ({
  repository: { root, write, commit },
}) => {
  await write({ '[a].txt': 'ours', 'A.txt': 'another' });
  await commit('Ours');
  for (const kind of ['LITERAL', 'GLOB', 'NOGLOB', 'ICASE']) {
    vi.stubEnv(`GIT_${kind}_PATHSPECS`, '1');
    expect(await fileAt(root, 'HEAD', '[a].txt')).toBe('ours');
    expect(await fileAt(root, 'HEAD', 'a.txt')).toBeNull();
    vi.unstubAllEnvs();
  }
});

test.for(['HEAD', 'main', 'v1', 'HEAD~0'])(
  'a commit that is gone, though %s names it, is damage and no unknown revision',
  async (name, { repository: { root, commit } }) => {
    const head = await commit('One');
    await git(root, 'tag', 'v1');
    await rm(join(root, '.git/objects', head.slice(0, 2), head.slice(2)));
    const code = name === 'HEAD~0' ? expect.any(String) : 'GIT_DAMAGED';
    await expect(assertRevision(root, name)).rejects.toMatchObject({ code });
    await expect(assertRevision(root, 'nothing')).rejects.toMatchObject({
      code: 'REVISION_UNKNOWN',
    });
    await expect(assertRevision(root, '0'.repeat(40))).rejects.toMatchObject({
      code: 'REVISION_UNKNOWN',
    });
  },
);

test.for([
  ['is killed', 'kill -9 $$', 'GIT_KILLED'],
  ['ends with 128', 'exit 128', 'GIT_FAILED'],
  ['cannot be started', null, 'PROGRAM_UNUSABLE'],
] as const)(
  'a git that %s does not say that there is no commit',
  async ([_, script, code], { folder, repository: { root, commit } }) => {
    await commit('One');
    const bin = join(folder, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'git'), `#!/bin/sh\n${script ?? ''}\n`);
    await chmod(join(bin, 'git'), script === null ? 0o644 : 0o755);
    vi.stubEnv('PATH', script === null ? bin : `${bin}:${process.env.PATH}`);
    await expect(headCommit(root)).rejects.toMatchObject({ code });
    if (code !== 'GIT_FAILED')
      await expect(git(root, 'config', 'user.x').catch(otherwise(''))).rejects.toMatchObject({
        code,
      });
    vi.unstubAllEnvs();
  },
);

test('a detached HEAD is on no branch, and a shallow clone is known', async ({
  folder,
  repository: { root, commit },
}) => {
  await commit('One');
  await commit('Two');
  expect(await currentBranch(root)).toBe('main');
  expect(await isShallow(root)).toBe(false);
  const clone = join(folder, 'clone');
  await git(folder, 'clone', '--quiet', '--depth=1', `file://${root}`, clone);
  expect(await isShallow(clone)).toBe(true);
  await git(root, 'switch', '--quiet', '--detach');
  expect(await currentBranch(root)).toBeNull();
});

test('settings that print more do not disturb what is read', async ({ repository }) => {
  const { root, commit } = repository;
  const head = await commit('One');
  await git(root, 'config', 'color.ui', 'always');
  await git(root, 'config', 'log.showSignature', 'true');
  await git(root, 'config', 'i18n.logOutputEncoding', 'UTF-16');
  expect(await git(root, 'log', '--format=%H')).toBe(head);
});

test('fields of an entry hold whatever is not NUL, and are as many as asked for', async ({
  repository,
}) => {
  const { root, commit } = repository;
  const [first, second] = [await commit('\x01 one\t\x1e'), await commit('Two')];
  const log = ['log', '-z', '--reverse', '--format=%H%x00%s%x00%b'];
  expect(await gitEntries(root, 3, ...log)).toEqual([
    [first, '\x01 one\t\x1e', ''],
    [second, 'Two', ''],
  ]);
  expect(await gitEntries(root, 3, ...log, '--', 'nothing')).toEqual([]);
  await expect(gitEntries(root, 4, ...log)).rejects.toThrow('not in entries of 4 fields');
  await expect(gitEntries(root, 1, 'rev-parse', 'HEAD')).rejects.toThrow('entries of 1 field');
});

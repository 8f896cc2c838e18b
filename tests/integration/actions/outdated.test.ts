import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { git } from '../../../platform/lib/git.ts';
import { cloneHere } from '../../helpers/clone.ts';
import { test } from '../../helpers/folder.ts';
import { startGitHub } from '../../helpers/github.ts';
import { runAction } from '../../helpers/run-action.ts';

const pointer = 'models/pumpkins/production.json';

test('an older promotion is stopped by a newer one, behind more changed files than GitHub lists', async ({
  folder,
}) => {
  const root = await cloneHere(folder);
  const origin = join(folder, 'origin.git');
  const commit = async (branch: string, files: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(root, path, '..'), { recursive: true });
      await writeFile(join(root, path), text);
    }
    await git(root, 'add', '--all');
    await git(root, 'commit', '--quiet', '-m', branch);
    return git(root, 'rev-parse', 'HEAD');
  };
  // Before `models` in the order of paths, so that a list of 300 ends there.
  const many = Object.fromEntries(
    Array.from({ length: 320 }, (_, index) => [`.notes/${index}.md`, `${index}`]),
  );
  const before = await git(root, 'rev-parse', 'HEAD');
  const heads: Record<string, string> = {};
  for (const [branch, files] of [
    ['promotes', { ...many, [pointer]: '{"run":"a"}' }],
    ['promotes-another', { 'models/penguins/production.json': '{}' }],
    ['writes-notes', many],
  ] as const) {
    await git(root, 'checkout', '--quiet', '-b', branch, before);
    heads[branch] = await commit(branch, files);
  }
  await git(root, 'checkout', '--quiet', 'main');
  const after = await commit('main', { ...many, [pointer]: '{"run":"b"}' });
  await git(folder, 'clone', '--quiet', '--bare', root, origin);
  await git(root, 'remote', 'add', 'origin', origin);
  const github = await startGitHub(origin);
  for (const [index, [branch, sha]] of Object.entries({
    ...heads,
    gone: 'f'.repeat(40),
  }).entries()) {
    github.pulls.push({
      number: index + 1,
      head: { ref: branch, sha, label: `jen:${branch}` },
      base: { ref: 'main' },
      state: 'open',
      title: branch,
      body: '',
    });
  }
  const push = (from: string, to: string) =>
    runAction({
      ...{ root, action: 'outdated', inputs: { 'github-token': 'token' } },
      event: { before: from, after: to },
      env: {
        ...{ GITHUB_API_URL: github.url, GITHUB_EVENT_NAME: 'push' },
        GITHUB_REF: 'refs/heads/main',
      },
    });
  const told = await push(before, after);
  expect(told.code, told.log).toBe(0);
  expect(told.log).toContain('#4 was not looked at');
  expect(github.statuses).toMatchObject([
    {
      sha: heads.promotes,
      state: 'failure',
      context: 'mainstem/promotion',
      description: `Another model was promoted: merge main, keep its ${dirname(pointer)}, and push.`,
    },
  ]);
  expect((await push('0'.repeat(40), after)).code).toBe(0);
  expect(github.statuses).toHaveLength(1);

  // A push by force, whose commit before is gone: what each head lacks tells as much.
  const forced = await push('e'.repeat(40), after);
  expect(forced.code, forced.log).toBe(0);
  expect(forced.log).toContain('#1 carries an outdated promotion');
  expect(github.statuses.map(({ sha }) => sha)).toEqual([heads.promotes, heads.promotes]);

  // Nothing but the whole name of a commit reaches git.
  const trace = join(folder, 'trace');
  for (const name of [`--upload-pack=touch ${trace}`, 'main', `${after}^`, `-${after}`, '+main']) {
    for (const [from, to] of [
      [name, after],
      [before, name],
    ] as const) {
      const refused = await push(from, to);
      expect([refused.code, refused.log]).toEqual([1, expect.stringContaining('JSON_INVALID')]);
    }
  }
  expect(existsSync(trace)).toBe(false);
  await github.close();
});

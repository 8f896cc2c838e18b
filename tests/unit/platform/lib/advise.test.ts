import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { advise } from '../../../../platform/lib/advise.ts';
import { MainstemError } from '../../../../platform/lib/errors.ts';
import { git } from '../../../../platform/lib/git.ts';
import { test } from '../../../helpers/folder.ts';

const gone = (path: string) => new MainstemError('FILE_UNREADABLE', { path, reason: 'ENOENT' });

test('git is named for a file that git has, and for no other', async ({ folder }) => {
  const root = join(folder, 'farm house');
  await mkdir(join(root, 'a b'), { recursive: true });
  await git(root, 'init', '--quiet');
  for (const name of ['kept.json', "a b/it's.json"]) await writeFile(join(root, name), '{}');
  await git(root, 'add', '.');
  await writeFile(join(root, 'new.json'), '{}');
  expect(advise(gone('kept.json'), root)).toBe(
    'Check the path. It comes back with "git checkout -- kept.json".',
  );
  expect(advise(gone(join(root, 'kept.json')), root)).toContain('git checkout -- ');
  expect(advise(gone("a b/it's.json"), root)).toContain(`git checkout -- 'a b/it'\\''s.json'`);
  for (const path of ['new.json', '.mainstem/x', '../x.json', '/nowhere/x', '--force', ':/', '*']) {
    expect(advise(gone(path), root), path).toBe('Check the path.');
  }
  expect(advise(gone('kept.json'), folder)).toBe('Check the path.');
  const closed = new MainstemError('FILE_UNREADABLE', { path: 'kept.json', reason: 'EACCES' });
  expect(advise(closed, root)).toBe(closed.hint);
});

test('what a sparse checkout leaves out is said to be that', async ({ folder }) => {
  for (const name of ['in', 'out/deep']) {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, 'a.json'), '{}');
  }
  await git(folder, 'init', '--quiet');
  await git(folder, 'add', '.');
  const by = ['-c', 'user.name=Jen', '-c', 'user.email=jen@example.org'];
  await git(folder, ...by, 'commit', '--quiet', '--message', 'two folders');
  await git(folder, 'sparse-checkout', 'set', 'in');
  for (const path of ['out/deep/a.json', 'out/deep', 'out']) {
    expect(advise(gone(path), folder), path).toContain('git sparse-checkout disable');
    expect(advise(gone(path), folder)).not.toContain('git checkout');
  }
  expect(advise(gone('in/a.json'), folder)).toContain('git checkout -- in/a.json');
});

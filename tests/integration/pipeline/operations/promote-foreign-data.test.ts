import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { git } from '../../../../platform/lib/git.ts';
import { createTinyPlatform } from '../run/tiny-platform.ts';

test('a promotion leaves what was locked for other projects out of its commit, and in the tree', {
  timeout: 300_000,
}, async () => {
  const { root, mainstem } = await createTinyPlatform();
  const done = async (...args: string[]) => {
    const { code, out, err } = await mainstem(...args);
    expect(code, err).toBe(0);
    return out + err;
  };
  const datasetsOf = (text: string) => Object.keys(JSON.parse(text).datasets).sort();
  const inHead = async () => datasetsOf(await git(root, 'show', 'HEAD:data.lock.json'));
  const inTree = async () => datasetsOf(await readFile(join(root, 'data.lock.json'), 'utf8'));
  const rows = Array.from(
    { length: 240 },
    (_, at) => `${(at % 2) * 100 + at},${at % 2 ? 'owl' : 'crow'}`,
  );
  await writeFile(join(root, 'birds.csv'), ['wing,bird', ...rows, ''].join('\n'));
  await done('init', 'birds', '--from', 'birds.csv', '--label', 'bird');
  await done('lock', 'birds');
  await done('experiment', 'penguins');
  const locked = await readFile(join(root, 'data.lock.json'), 'utf8');
  const said = await done('promote', 'penguins');
  expect(said).toMatch(/What changed of birds in data\.lock\.json stays out of this commit/);
  expect(await inHead()).not.toContain('birds');
  expect(await readFile(join(root, 'data.lock.json'), 'utf8')).toBe(locked);
  expect(await inTree()).toContain('birds');
  expect(await git(root, 'status', '--porcelain', '--', 'data.lock.json')).toMatch(/^ ?M/);
  await done('experiment', 'birds');
  // A promotion may also be what repairs a lock that somebody has damaged and committed.
  const whole = await readFile(join(root, 'data.lock.json'), 'utf8');
  await writeFile(join(root, 'data.lock.json'), whole.slice(0, 40));
  await git(root, 'commit', '--quiet', '--message', 'Half a lock', '--', 'data.lock.json');
  await writeFile(join(root, 'data.lock.json'), whole);
  const repaired = await done('promote', 'birds');
  expect(repaired).toMatch(/data\.lock\.json.* That is what HEAD has: this commit replaces it/);
  expect(repaired).not.toContain('stays out');
  expect(await inHead()).toEqual(await inTree());
  expect(await git(root, 'status', '--porcelain', '--', 'data.lock.json')).toBe('');
});

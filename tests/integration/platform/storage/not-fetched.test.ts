import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { parseTable } from '../../../../platform/lib/parse-table.ts';
import {
  checkoutDataset,
  lockProject,
  readLock,
  readStatus,
} from '../../../../platform/storage/index.ts';
import { createDataRepository, type DataRepository } from '../../../fixtures/data-repository.ts';

const pointer = [
  'version https://git-lfs.github.com/spec/v1',
  `oid sha256:${'ab'.repeat(32)}`,
  'size 12345',
  '',
].join('\n');

let jen: DataRepository;
beforeEach(async () => {
  jen = await createDataRepository();
  onTestFinished(() => jen.remove());
});
const lock = () => lockProject(jen.workspace, jen.store, jen.project);
const git = (folder: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'protocol.file.allow=always', ...args], {
    cwd: folder,
    stdio: 'pipe',
  });

describe('data that Git LFS has not fetched', () => {
  test('is not locked in the place of the photos, however many are real', async () => {
    await jen.write({ 'apple/1.jpg': 'a1', 'pear/1.jpg': pointer, 'pear/ü 2.jpg': pointer });
    await expect(lock()).rejects.toMatchObject({
      code: 'DATA_NOT_FETCHED',
      message: expect.stringMatching(/"pear\/1\.jpg" \(as 1 more\)/),
      hint: expect.stringContaining('git lfs pull'),
    });
    await jen.write({ 'pear/1.jpg': 'p1', 'pear/ü 2.jpg': 'p2' });
    await lock();
  });

  test('is not read as a table', () => {
    const bytes = new TextEncoder().encode(pointer);
    expect(() => parseTable(bytes, 'plots.csv')).toThrow(
      expect.objectContaining({ code: 'DATA_NOT_FETCHED' }),
    );
  });

  test('is recognised by its beginning alone, and only where it is short', async () => {
    await jen.write({ 'apple/1.jpg': `${pointer}${' '.repeat(2000)}`, 'pear/1.jpg': 'version 2' });
    await lock();
  });
});

describe('data in a submodule', () => {
  test.for(['data/fruit', 'data'])(
    'that is not checked out at %s is not taken for removed',
    async (submodule) => {
      const { root } = jen;
      const other = mkdtempSync(join(tmpdir(), 'mainstem-photos-'));
      onTestFinished(() => rmSync(other, { recursive: true, force: true }));
      const folder = join(other, submodule === 'data' ? 'fruit' : '', 'apple');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, '1.jpg'), 'a1');
      git(other, 'init', '-q', '-b', 'main');
      git(other, 'add', '-A');
      git(other, '-c', 'user.name=Jen', '-c', 'user.email=jen@example.org', 'commit', '-qm', 'x');
      git(root, 'submodule', '--quiet', 'add', '-f', other, submodule);
      await jen.commit('A submodule');
      await lock();
      git(root, 'submodule', '--quiet', 'deinit', '-f', submodule);
      const refused = {
        code: 'DATA_SUBMODULE',
        hint: expect.stringContaining(`git submodule update --init -- ${submodule}`),
      };
      await expect(lock()).rejects.toMatchObject(refused);
      const known = await readLock(root);
      await expect(readStatus(jen.workspace, jen.store, known, jen.project)).rejects.toMatchObject(
        refused,
      );
      for (const [, locked] of Object.entries(known.datasets)) {
        const checkout = checkoutDataset(jen.workspace, jen.store, locked, false);
        await expect(checkout).rejects.toMatchObject(refused);
      }
    },
  );

  test('is not asked for where a folder is simply empty', async () => {
    await mkdir(jen.path(''), { recursive: true });
    await lock();
  });
});

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { checkProvenance } from '../../../pipeline/check-provenance.ts';
import { git, headCommit } from '../../../platform/lib/git.ts';
import { type Digest, digestJson } from '../../../platform/lib/hash.ts';
import type { ModelRecord } from '../../../platform/schemas/index.ts';
import { renderLock } from '../../../platform/storage/index.ts';
import { test as base } from '../../helpers/folder.ts';
import { buildRecord, pumpkins } from '../../helpers/model-repository.ts';
import { commitAll } from './run/tiny-platform.ts';

const digest = digestJson('data');
const now = new Date('2026-11-26T12:00:00.000Z');

/** A repository whose only commit has a lock of one dataset. */
const test = base.extend<{ commit: string }>({
  commit: async ({ folder }, use) => {
    await writeFile(join(folder, 'data.lock.json'), lockOf(digest));
    await commitAll(folder);
    await use((await headCommit(folder)) ?? '');
  },
});

function lockOf(of: Digest): string {
  const facts = { files: 1, bytes: 1, splits: {}, source: 'test', licence: 'CC0-1.0' };
  const fruit = { path: 'data/fruit', kind: 'images' as const, digest: of, ...facts };
  return renderLock({ version: 1, datasets: { fruit } });
}

function recordOf(changed: Partial<ModelRecord>): ModelRecord {
  const record = buildRecord(
    pumpkins,
    { digest: digestJson('onnx'), bytes: 1, mediaType: 'text/plain' },
    'a'.repeat(12),
  );
  const when = { createdAt: '2026-11-26T10:00:00.000Z', commit: null, dirty: true };
  return { ...record, data: { fruit: digest }, ...when, ...changed };
}

const gatesOf = (folder: string, changed: Partial<ModelRecord>) =>
  checkProvenance(folder, recordOf(changed), now);

describe('a record', () => {
  test('of a commit with its data is believed, and so is one of a changed tree', async ({
    folder,
    commit,
  }) => {
    expect(await gatesOf(folder, { commit, dirty: false })).toEqual([]);
    expect(await gatesOf(folder, { commit, dirty: true, data: {} })).toEqual([]);
    expect(await gatesOf(folder, {})).toEqual([]);
  });

  test('of a commit with other data is not', async ({ folder, commit }) => {
    const data = { fruit: digestJson('other data') };
    expect(await gatesOf(folder, { commit, dirty: false, data })).toMatchObject([
      { gate: 'commit as stated', passed: false, message: expect.stringContaining('fruit') },
    ]);
    expect(await gatesOf(folder, { commit, dirty: true, data })).toEqual([]);
  });

  test('of a commit that is elsewhere, or whose lock is damaged, is not contradicted', async ({
    folder,
    commit,
  }) => {
    expect(await gatesOf(folder, { commit: 'ab'.repeat(20), dirty: false })).toEqual([]);
    await writeFile(join(folder, 'data.lock.json'), '{');
    await git(folder, '-c', 'user.name=J', '-c', 'user.email=j@e.org', 'commit', '-qam', 'x');
    const damaged = await headCommit(folder);
    expect(damaged).not.toBe(commit);
    expect(await gatesOf(folder, { commit: damaged, dirty: false })).toEqual([]);
  });

  test.for(['', 'main', 'HEAD', '--all', '0'.repeat(40), '0'.repeat(64), 'A'.repeat(40), 'abc'])(
    'of the commit %o fails a gate',
    async (name, { folder }) => {
      expect(await gatesOf(folder, { commit: name })).toMatchObject([{ gate: 'commit as stated' }]);
    },
  );

  test('outside git has no commit, and no clean tree either', async ({ folder }) => {
    expect(await gatesOf(folder, { commit: null, dirty: true })).toEqual([]);
    expect(await gatesOf(folder, { commit: null, dirty: false })).toHaveLength(1);
  });

  test.for([
    ['2026-11-27T11:59:00.000Z', true],
    ['1999-01-01T00:00:00.000Z', true],
    ['2026-11-27T12:01:00.000Z', false],
    ['2099-01-01T00:00:00.000Z', false],
    ['2026-02-30T00:00:00.000Z', false],
    ['yesterday', false],
    ['', false],
    ['2026-11-26', false],
  ] as const)('that was made at %o: %o', async ([createdAt, believed], { folder }) => {
    expect(await gatesOf(folder, { createdAt })).toHaveLength(believed ? 0 : 1);
  });
});

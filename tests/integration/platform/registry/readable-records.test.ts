import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { git } from '../../../../platform/lib/git.ts';
import { readableRecords, recordPath, recordsAt } from '../../../../platform/registry/index.ts';
import { recordOf } from '../../../fixtures/reports.ts';
import { test } from '../../../helpers/repository.ts';

const key = (run: string) => `sha256:${run}${'0'.repeat(52)}` as const;

async function commitRecord(root: string, run: string, text?: string): Promise<string> {
  const path = join(root, recordPath('pumpkins', run));
  await mkdir(dirname(path), { recursive: true });
  const record = { ...recordOf(run, 0.9, 0.001), key: key(run) };
  await writeFile(path, text ?? JSON.stringify(record));
  await git(root, 'add', '-A');
  await git(root, 'commit', '-qm', `Record ${run}`);
  return git(root, 'rev-parse', 'HEAD');
}

test('records of two commits are read once each, without those that nobody can read', async ({
  repository: { root },
}) => {
  const base = await commitRecord(root, '111111111111');
  await commitRecord(root, '222222222222');
  await commitRecord(root, '333333333333', '{"version": 1');
  const head = await commitRecord(root, '444444444444', JSON.stringify({ hostile: true }));
  const runs = (await recordsAt(root, 'pumpkins', [base, head])).map(({ run }) => run);
  expect(runs).toEqual(['111111111111', '222222222222']);
  expect((await readableRecords(root, 'pumpkins')).map(({ run }) => run)).toEqual(runs);
  expect(await recordsAt(root, 'pumpkins', [base])).toHaveLength(1);
  expect(await recordsAt(root, 'melons', [base, head])).toEqual([]);
});

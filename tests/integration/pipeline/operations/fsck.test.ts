import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fsckRemote, fsckStore } from '../../../../pipeline/operations/fsck.ts';
import { ownMark } from '../../../../platform/lib/process-mark.ts';
import {
  createRepository,
  type TemporaryRepository,
} from '../../../helpers/temporary-repository.ts';

/** What an upload left whose process has ended. */
const half = `remote/0123abcd.${ownMark().split('-')[0]}-4194305-1.tmp`;

let repository: TemporaryRepository;
beforeEach(async () => {
  repository = await createRepository({ 'package.json': '{}', [half]: 'half' });
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test('the store’s check names what uploads left on the configured remote, and --repair removes it', async () => {
  const { workspace, root } = repository;
  vi.stubEnv('MAINSTEM_REMOTE', join(root, 'remote'));
  const file = expect.stringContaining('0123abcd');
  expect((await fsckStore(workspace, false)).leftovers).toEqual([{ file, removed: false }]);
  expect((await fsckStore(workspace, true)).leftovers).toEqual([{ file, removed: true }]);
  expect((await fsckStore(workspace, false)).leftovers).toEqual([]);
});

test('a remote that is not there is no fault of the store, but of the remote’s own check', async () => {
  const { workspace, root } = repository;
  vi.stubEnv('MAINSTEM_REMOTE', join(root, 'elsewhere'));
  expect(await fsckStore(workspace, false)).toMatchObject({ findings: [], leftovers: [] });
  await expect(fsckRemote(workspace, undefined, false)).rejects.toMatchObject({
    code: 'REMOTE_FAILED',
  });
});

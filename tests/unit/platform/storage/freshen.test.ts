import { rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect } from 'vitest';
import { openStore } from '../../../../platform/storage/index.ts';
import { freshen } from '../../../../platform/storage/store/freshen.ts';
import { test } from '../../../helpers/folder.ts';

test('a blob that is gone is missing, and one that may not be marked is not', async ({
  folder,
}) => {
  const store = openStore(folder);
  const { digest } = await store.put(Buffer.from('a blob'));
  const path = store.objects.pathOf(digest);
  await freshen(store, [digest]);
  await rm(path);
  await expect(freshen(store, [digest])).rejects.toMatchObject({ code: 'STORE_MISSING' });
  await rm(dirname(path), { recursive: true });
  await writeFile(dirname(path), 'a file in the place of the folder');
  await expect(freshen(store, [digest])).rejects.toMatchObject({ code: 'ENOTDIR' });
});

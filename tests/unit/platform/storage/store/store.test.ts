import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from '../../../../../platform/storage/index.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'mainstem-store-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

test('stored bytes can be read again, from the same store and from a newly opened one', async () => {
  const store = openStore(root);
  const { digest } = await store.put(Buffer.from('pumpkin'));
  expect(Buffer.from(await store.get(digest)).toString()).toBe('pumpkin');
  expect(Buffer.from(await openStore(root).get(digest)).toString()).toBe('pumpkin');
});

test('stored files can be read again whatever their size, small ones from packs and large ones whole', async () => {
  await mkdir(join(root, 'files'));
  const sizes = [0, 1, 1000, 1024 * 1024 - 1, 1024 * 1024, 3_000_000];
  const contents = sizes.map((size) => Buffer.alloc(size, size % 251));
  const paths = sizes.map((size) => join(root, 'files', `${size}`));
  await Promise.all(paths.map((path, at) => writeFile(path, contents[at] ?? '')));
  const artefacts = await openStore(root).putFiles(paths);
  const store = openStore(root);
  expect(artefacts.map(({ bytes }) => bytes)).toEqual(sizes);
  for (const [at, { digest }] of artefacts.entries()) {
    expect(Buffer.compare(await store.get(digest), contents[at] ?? Buffer.alloc(0))).toBe(0);
  }
  expect(store.packs.packs()).toHaveLength(1);
  expect(await store.objects.list()).toHaveLength(2);
});

test('a damaged copy of what is intact in a pack is not taken for a good one once the pack is gone', async () => {
  const bytes = Buffer.from('pumpkin');
  const store = openStore(root);
  const { digest } = await store.put(bytes);
  await writeFile(join(root, 'pumpkin.txt'), bytes);
  await store.putFile(join(root, 'pumpkin.txt'));
  await rm(store.objects.pathOf(digest), { force: true });
  await writeFile(store.objects.pathOf(digest), 'damaged');
  await store.put(bytes);
  // Saves what is known to be intact.
  await store.isIntact(digest);
  store.close();
  await rm(store.packs.folder, { recursive: true });
  const later = openStore(root);
  expect(await later.isIntact(digest)).toBe(false);
  await later.put(bytes);
  expect(Buffer.from(await later.get(digest)).toString()).toBe('pumpkin');
});

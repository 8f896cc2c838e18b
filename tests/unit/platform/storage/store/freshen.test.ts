import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freshen } from '../../../../../platform/storage/store/freshen.ts';
import { objectFile, openStore, type Store } from '../../../../../platform/storage/store/store.ts';

let root: string;
let store: Store;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'mainstem-freshen-'));
  store = openStore(root);
});
afterEach(async () => {
  store.close();
  await rm(root, { recursive: true });
});

test('a file that was verified still is when it has been marked as used', async () => {
  const { digest } = await store.put(new TextEncoder().encode('pumpkin'));
  const file = objectFile(store, digest);
  store.verified.add(file);
  await freshen(store, [digest]);
  expect(store.verified.has(file)).toBe(true);
  expect(Date.now() - (await stat(join(store.folder, file))).mtimeMs).toBeLessThan(60_000);
});

test('marking a file as used does not make it verified', async () => {
  const { digest } = await store.put(new TextEncoder().encode('pumpkin'));
  const file = objectFile(store, digest);
  store.verified.add(file);
  await writeFile(store.objects.pathOf(digest), 'melon');
  await freshen(store, [digest]);
  expect(store.verified.has(file)).toBe(false);
});

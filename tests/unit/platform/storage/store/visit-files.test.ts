import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { digestBytes, digestFile } from '../../../../../platform/lib/hash.ts';
import { visitFiles } from '../../../../../platform/storage/store/visit-files.ts';

const files = 5000;
const largeAt = [70, 4000];
let root = '';
let paths: string[] = [];

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'mainstem-visit-'));
  mkdirSync(root, { recursive: true });
  paths = Array.from({ length: files }, (_, at) => join(root, `${at}`));
  paths.forEach((path, at) => {
    writeFileSync(path, largeAt.includes(at) ? Buffer.alloc(1024 * 1024, at) : `${at}`);
  });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const visitor = {
  small: (bytes: Uint8Array, digest: string) => ({ text: Buffer.from(bytes).toString(), digest }),
  large: async (path: string) => ({ text: 'large', digest: await digestFile(path) }),
};

test('many files are visited in order with their digests, by two threads as well as by one', async () => {
  const visited: number[] = [];
  const small = (bytes: Uint8Array, digest: string) => {
    visited.push(Number(Buffer.from(bytes).toString()));
    return visitor.small(bytes, digest);
  };
  const many = await visitFiles(paths, { ...visitor, small });
  const few = await visitFiles(paths.slice(0, 300), visitor);
  expect(many.slice(0, 300)).toEqual(few);
  expect(visited).toEqual(paths.map((_, at) => at).filter((at) => !largeAt.includes(at)));
  expect(many.map(({ text }) => text)).toEqual(
    paths.map((_, at) => (largeAt.includes(at) ? 'large' : `${at}`)),
  );
  expect(many[4999]?.digest).toBe(digestBytes('4999'));
  expect(many[4000]?.digest).toBe(digestBytes(Buffer.alloc(1024 * 1024, 4000)));
});

test.each([10, 100])('a file that cannot be read is named, whichever thread met it', async (at) => {
  const gone = join(root, 'gone');
  const broken = paths.with(at, gone);
  const details = { path: gone, reason: 'ENOENT' };
  await expect(visitFiles(broken, visitor)).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
    details,
  });
});

test('an aborted visit ends with the reason', async () => {
  const controller = new AbortController();
  const onProgress = () => controller.abort(new Error('enough'));
  const visit = visitFiles(paths, visitor, { onProgress, signal: controller.signal });
  await expect(visit).rejects.toThrow('enough');
});

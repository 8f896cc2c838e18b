import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import {
  appendFile,
  copyFile,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isMainstemError, type MainstemError } from '../../../../platform/lib/errors.ts';
import type { LockedDataset } from '../../../../platform/schemas/index.ts';
import {
  assertPlace,
  checkoutDataset,
  lockProject,
  readLock,
  readManifest,
  readStatus,
} from '../../../../platform/storage/index.ts';
import { createDataRepository, type DataRepository } from '../../../fixtures/data-repository.ts';

let here: DataRepository;
beforeEach(async () => {
  here = await createDataRepository();
});
afterEach(() => here.remove());

const lock = () => lockProject(here.workspace, here.store, here.project);

async function lockedFruit(): Promise<LockedDataset> {
  const { fruit } = (await lock()).datasets;
  if (!fruit) throw new Error('fruit is locked');
  return fruit;
}

async function status() {
  const lockNow = await readLock(here.root);
  const [found] = await readStatus(here.workspace, here.store, lockNow, here.project);
  if (!found) throw new Error('the project has one dataset');
  return found;
}

const checkout = (locked: LockedDataset, force = false) =>
  checkoutDataset(here.workspace, here.store, locked, force);

/** What is left in the store by what did not finish. */
function leftovers(): string[] {
  const folder = here.store.folder;
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.tmp'),
  );
}

/** A path of bytes below data/fruit. */
const bytePath = (...parts: readonly Uint8Array[]) =>
  Buffer.concat([
    Buffer.from(here.path('').replace(/\/$/, '')),
    ...parts.flatMap((part) => [Buffer.from('/'), Buffer.from(part)]),
  ]);

describe('names', () => {
  test('one that is not UTF-8 stops lock and status before anything is stored', async () => {
    await here.write({ 'apple/1.jpg': 'a', 'pear/1.jpg': 'p' });
    await writeFile(bytePath(Buffer.from('pear'), Buffer.from('caf\xe9.jpg', 'latin1')), 'x');
    const error = { code: 'DATA_NAME_INVALID', message: expect.stringContaining('caf\\xe9.jpg') };
    await expect(lock()).rejects.toMatchObject(error);
    await expect(status()).rejects.toMatchObject(error);
    expect(existsSync(here.store.folder)).toBe(false);
  });

  test('a folder whose name is not UTF-8 is named too', async () => {
    await mkdir(bytePath(), { recursive: true });
    await mkdir(bytePath(Buffer.from('caf\xe9', 'latin1')));
    await writeFile(bytePath(Buffer.from('caf\xe9', 'latin1'), Buffer.from('1.jpg')), 'x');
    await expect(lock()).rejects.toMatchObject({
      message: 'data/fruit: the name "caf\\xe9" is not valid UTF-8.',
    });
  });

  test('class folders that look the same are refused with both spellings', async () => {
    await here.write({ 'caf\u00e9/1.jpg': 'a', 'cafe\u0301/2.jpg': 'b', 'tea/1.jpg': 'c' });
    await expect(lock()).rejects.toMatchObject({
      code: 'DATA_NAMES_ALIKE',
      message: expect.stringMatching(/U\+0301.*U\+00E9/),
    });
  });

  test('names at the limit of length, deep folders and words of Windows come back as they were', async () => {
    const files = {
      [`apple/${'x'.repeat(251)}.jpg`]: 'long',
      [`apple/${'é'.repeat(125)}.jpg`]: 'long in bytes',
      [`${'deep/'.repeat(300)}apple/1.jpg`]: 'deep',
      'apple/CON': 'a',
      'apple/aux.jpg': 'b',
      'apple/trailing.': 'c',
      'apple/trailing ': 'd',
      'apple/ leading': 'e',
      'apple/a\\b:c*?"<>|.jpg': 'f',
      'apple/-rf': 'g',
      'apple/#1 & $HOME.jpg': 'h',
      'apple/\u202egpj.exe': 'i',
      'apple/😀\ufffd.jpg': 'j',
    };
    await here.write(files);
    const locked = await lockedFruit();
    await rm(here.path(''), { recursive: true });
    await checkout(locked);
    for (const [path, content] of Object.entries(files))
      expect(readFileSync(here.path(path), 'utf8')).toBe(content);
    expect((await status()).state).toBe('clean');
  });

  test('any bytes as names: lock and checkout give the same names and bytes, or lock refuses', async () => {
    const anyByte = fc.integer({ min: 1, max: 255 }).filter((byte) => byte !== 0x2f);
    const anyText = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 });
    const anyName = fc
      .oneof(
        fc.array(anyByte, { minLength: 1, maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
        anyText.map((text) => Buffer.from(text.replaceAll(/[/\0\ud800-\udfff]/g, '_'))),
      )
      .filter((name) => name.length < 250 && !['.', '..'].includes(name.toString('latin1')));
    await fc.assert(
      fc.asyncProperty(fc.array(anyName, { minLength: 1, maxLength: 4 }), async (names) => {
        await rm(bytePath(), { recursive: true, force: true });
        await mkdir(bytePath(Buffer.from('apple')), { recursive: true });
        for (const name of names) await writeFile(bytePath(Buffer.from('apple'), name), name);
        const before = listing();
        const locked = await lockedFruit().catch((error: unknown) => refusalOf(error));
        if (typeof locked === 'string') {
          expect(['DATA_NAME_INVALID', 'DATA_NAMES_ALIKE']).toContain(locked);
          return;
        }
        await rm(bytePath(), { recursive: true });
        await checkout(locked);
        expect(listing()).toEqual(before);
      }),
      { numRuns: 50 },
    );
  });

  /** Visible files with their bytes, names as hex. */
  function listing(): [string, string][] {
    const folder = bytePath(Buffer.from('apple'));
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { encoding: 'buffer' })
      .filter((name) => name[0] !== 0x2e)
      .map((name): [string, string] => [
        name.toString('hex'),
        readFileSync(bytePath(Buffer.from('apple'), name), 'hex'),
      ])
      .sort();
  }

  function refusalOf(error: unknown): string {
    if (!isMainstemError(error)) throw error;
    return error.code;
  }
});

describe('what is left out', () => {
  test('is counted by kind with an example, and the dataset is as if it were not there', async () => {
    await here.write({ 'apple/1.jpg': 'a', 'apple/.DS_Store': 'x', '.cache/1.jpg': 'y' });
    await symlink('1.jpg', here.path('apple/2.jpg'));
    await symlink('apple', here.path('fruit'));
    execFileSync('mkfifo', [here.path('apple/pipe')]);
    await mkdir(here.path('pear'));
    expect((await lockedFruit()).files).toBe(1);
    expect((await status()).leftOut).toEqual([
      { kind: 'link', count: 2, example: 'fruit' },
      { kind: 'special file', count: 1, example: 'apple/pipe' },
      { kind: 'empty folder', count: 1, example: 'pear' },
      { kind: 'hidden name', count: 2, example: '.cache' },
    ]);
  });

  test('is reported by lock', async () => {
    await here.write({ 'apple/1.jpg': 'a' });
    await symlink('1.jpg', here.path('apple/2.jpg'));
    const lines: string[] = [];
    const reporter = { ...here.workspace.reporter, info: (line: string) => lines.push(line) };
    await lockProject({ ...here.workspace, reporter }, here.store, here.project);
    expect(lines).toEqual(['fruit: left out: 1 link (apple/2.jpg)']);
  });

  test('two names that differ only by case are reported by lock', async () => {
    await here.write({ 'apple/IMG.jpg': 'a', 'apple/img.jpg': 'b' });
    const lines: string[] = [];
    const reporter = { ...here.workspace.reporter, info: (line: string) => lines.push(line) };
    await lockProject({ ...here.workspace, reporter }, here.store, here.project);
    expect(lines).toEqual([expect.stringContaining('(apple/img.jpg) differs only by case')]);
  });
});

describe('links', () => {
  test('a dataset whose own path is a link is followed by lock, status and checkout', async () => {
    await here.write({ 'apple/1.jpg': 'a', 'pear/1.jpg': 'p' });
    const away = await mkdtemp(`${here.root}-away-`);
    await rename(here.path(''), join(away, 'fruit'));
    await symlink(join(away, 'fruit'), here.path('').replace(/\/$/, ''));
    const locked = await lockedFruit();
    expect(locked.files).toBe(2);
    expect((await status()).state).toBe('clean');
    await rm(join(away, 'fruit', 'apple'), { recursive: true });
    await checkout(locked);
    expect(await readFile(join(away, 'fruit', 'apple', '1.jpg'), 'utf8')).toBe('a');
    await rm(away, { recursive: true });
  });

  test('a link that leads nowhere, or in a circle, is an error that says so', async () => {
    await mkdir(join(here.root, 'data'));
    await symlink('/nowhere/fruit', join(here.root, 'data/fruit'));
    await expect(lock()).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: 'Cannot read data/fruit: it is a link to /nowhere/fruit, which does not exist.',
    });
    await rm(join(here.root, 'data/fruit'));
    await symlink('fruit', join(here.root, 'data/fruit'));
    await expect(lock()).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });

  test('a checkout writes through no link inside the dataset', async () => {
    await here.write({ 'apple/1.jpg': 'a', 'pear/1.jpg': 'p' });
    const locked = await lockedFruit();
    const away = await mkdtemp(`${here.root}-away-`);
    await rm(here.path('apple'), { recursive: true });
    await symlink(away, here.path('apple'));
    await expect(checkout(locked)).rejects.toMatchObject({
      code: 'CHECKOUT_CONFLICT',
      details: { example: 'apple' },
    });
    expect(await readdir(away)).toEqual([]);
    await checkout(locked, true);
    expect(await readdir(away)).toEqual([]);
    expect(await readFile(here.path('apple/1.jpg'), 'utf8')).toBe('a');
    await rm(away, { recursive: true });
  });

  test('hard links are files', async () => {
    await here.write({ 'apple/1.jpg': 'a' });
    await link(here.path('apple/1.jpg'), here.path('apple/2.jpg'));
    expect((await lockedFruit()).files).toBe(2);
  });
});

describe('what is in the place of a file or folder', () => {
  test('an empty folder makes way, one with files does not', async () => {
    await here.write({ 'apple/1.jpg': 'a', 'pear/1.jpg': 'p' });
    const locked = await lockedFruit();
    await rm(here.path('apple/1.jpg'));
    await mkdir(here.path('apple/1.jpg'));
    await checkout(locked);
    expect(await readFile(here.path('apple/1.jpg'), 'utf8')).toBe('a');
    await rm(here.path('apple/1.jpg'));
    await here.write({ 'apple/1.jpg/inside.jpg': 'new' });
    await expect(checkout(locked)).rejects.toMatchObject({ code: 'CHECKOUT_CONFLICT' });
    await checkout(locked, true);
    expect(await readFile(here.path('apple/1.jpg'), 'utf8')).toBe('a');
  });

  test('a file where the lock has a folder is an error that says so', async () => {
    await here.write({ 'apple/1.jpg': 'a', 'pear/1.jpg': 'p' });
    const locked = await lockedFruit();
    await rm(here.path(''), { recursive: true });
    await writeFile(join(here.root, 'data/fruit'), 'a file');
    await expect(checkout(locked, true)).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringContaining('there is a file, but the lock has a folder there'),
    });
  });
});

describe('names from someone else', () => {
  test.each(['../out.jpg', 'apple/../../out.jpg', '/out.jpg', 'apple//1.jpg', '.git/hooks/x', ''])(
    'a lock that names %j is refused, and nothing is written',
    async (path) => {
      await here.write({ 'apple/1.jpg': 'a' });
      const locked = await lockedFruit();
      const [entry] = await readManifest(here.store, locked);
      const hex = entry?.digest.slice('sha256:'.length);
      const manifest = `mainstem-manifest 1\n${hex} 1 ${path}\n`;
      const { digest } = await here.store.put(Buffer.from(manifest));
      await expect(checkout({ ...locked, digest })).rejects.toMatchObject({ code: 'DATA_INVALID' });
      expect(await readdir(here.path(''))).toEqual(['apple']);
    },
  );

  test('a dataset is written only where its project has it, or inside the repository', async () => {
    await here.write({ 'apple/1.jpg': 'a' });
    const locked = await lockedFruit();
    const place = (name: string, path: string, kind = locked.kind) =>
      assertPlace(here.root, name, { ...locked, path, kind }, [here.project]);
    await place('fruit', locked.path);
    await place('fruit', './data/fruit/');
    await place('other', 'data/other');
    await place('other', 'pipeline/projects/z/z.csv', 'table');
    await expect(place('fruit', 'data/old')).rejects.toMatchObject({ code: 'DATA_MOVED' });
  });

  test.for([
    ...['../other', '/etc', 'C:/x', '.', '', 'data/..', 'data/../../x', '~/x'],
    ...[
      '.git',
      '.git/config',
      '.GIT/hooks/post-checkout',
      'data/.git/config',
      '.git./x',
      '.git /x',
    ],
    ...['git~1/config', '.git::$INDEX_ALLOCATION/config', '.g\u200cit/config', '.git\\config'],
    ...['.mainstem/store', 'node_modules/x', 'Node_Modules', 'a/node_modules/.bin'],
    ...['models/q', 'MODELS/q/x.csv', 'platform/evil.csv', './serving/../platform', '.github/x'],
    ...['pipeline', 'pipeline/backends', 'pipeline/projects', 'pipeline/projects/z'],
    ...['pipeline/projects/z/photos', 'package.json', 'PIPELINE\\cli'],
  ])('a dataset that no project has is never written to %o', async (path) => {
    await copyFile(
      join(import.meta.dirname, '../../../../platform.json'),
      join(here.root, 'platform.json'),
    );
    await here.write({ 'apple/1.jpg': 'a' });
    const locked = await lockedFruit();
    await expect(
      assertPlace(here.root, 'other', { ...locked, path }, [here.project]),
    ).rejects.toMatchObject({ code: 'DATA_INVALID' });
  });

  test.for(['project.ts', 'model.ts', 'params.json', 'z.csv/..', 'deep/x.ts'])(
    'a table that no project has is never the %s of one',
    async (name) => {
      await here.write({ 'apple/1.jpg': 'a' });
      const locked = { ...(await lockedFruit()), kind: 'table' as const };
      const path = `pipeline/projects/z/${name}`;
      await expect(
        assertPlace(here.root, 'other', { ...locked, path }, [here.project]),
      ).rejects.toMatchObject({ code: 'DATA_INVALID' });
    },
  );

  test.for(['.git/hooks', '.Git', 'node_modules/x', '../x', '/tmp/x'])(
    'whatever a project says, nothing is written to %s',
    async (path) => {
      await here.write({ 'apple/1.jpg': 'a' });
      const locked = await lockedFruit();
      await expect(checkout({ ...locked, path }, true)).rejects.toMatchObject({
        code: 'DATA_INVALID',
      });
    },
  );

  test('status says where the lock has a dataset that the project has elsewhere', async () => {
    await here.write({ 'apple/1.jpg': 'a' });
    const locked = await lockedFruit();
    const moved = { version: 1, datasets: { fruit: { ...locked, path: 'data/old' } } };
    await writeFile(join(here.root, 'data.lock.json'), JSON.stringify(moved));
    expect(await status()).toMatchObject({ state: 'clean', lockedPath: 'data/old' });
    await lock();
    expect(await status()).toMatchObject({ state: 'clean', lockedPath: null });
  });
});

describe('a file that changes while it is read', () => {
  const megabytes = 40;

  test.each([
    ['becomes shorter', (path: string) => truncate(path, 1_500_000)],
    ['becomes longer', (path: string) => appendFile(path, 'more')],
  ])('and %s is an error, and leaves nothing behind', async (_, change) => {
    const path = here.path('apple/big.jpg');
    await here.write({ 'apple/1.jpg': 'a', 'apple/big.jpg': Buffer.alloc(megabytes * 2 ** 20, 7) });
    let changing = true;
    const locking = lock().finally(() => {
      changing = false;
    });
    const settled = locking.catch((error: MainstemError) => error.code);
    while (changing) {
      await change(path);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(await settled).toBe('FILE_CHANGED');
    expect(leftovers()).toEqual([]);
    await lock();
    expect((await status()).state).toBe('clean');
  });
});

describe('metadata.csv', () => {
  test('two lines about one photo are an error that names both, even if they agree', async () => {
    await here.write({
      'apple/1.jpg': 'a',
      'metadata.csv': 'file,tree\napple/1.jpg,x\n\napple/2.jpg,y\napple/1.jpg,x\n',
    });
    await expect(lock()).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: 'data/fruit/metadata.csv: lines 2 and 5 both describe "apple/1.jpg"; remove one.',
    });
  });
});

describe('a blob that the store lacks', () => {
  test('is named by dataset and file, with how many others there are', async () => {
    await here.write({ 'apple/1.jpg': 'a', 'apple/2.jpg': 'b', 'pear/1.jpg': 'p' });
    const locked = await lockedFruit();
    await rm(here.store.packs.folder, { recursive: true });
    here.store.packs.refresh();
    await rm(here.path(''), { recursive: true });
    await expect(checkout(locked)).rejects.toMatchObject({
      code: 'STORE_MISSING',
      message: expect.stringMatching(/\(apple\/1.jpg of data\/fruit, and 2 others\)/),
    });
  });
});

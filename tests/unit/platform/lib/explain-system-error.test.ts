import { cp, mkdir, mkdtemp, open, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { MainstemError } from '../../../../platform/lib/errors.ts';
import { explainSystemError } from '../../../../platform/lib/explain-system-error.ts';
import { writeFileAtomic } from '../../../../platform/lib/files.ts';
import { systemErrors } from '../../../../platform/lib/system-errors.ts';
import { test } from '../../../helpers/folder.ts';

const thrown = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

/** An error as Node makes it. */
function systemError(code: string, facts: Readonly<Record<string, unknown>>): Error {
  return Object.assign(new Error(`${code}: raw words, ${facts.syscall}`), { code, ...facts });
}

describe('every error of the table', () => {
  const names = Object.keys(systemErrors);
  test.for(names)('%s becomes a sentence with a way to fix it', (code) => {
    for (const syscall of ['open', 'rename', 'scandir', 'write']) {
      const error = systemError(code, { syscall, path: '/farm/data/a.csv', errno: -1 });
      const explained = explainSystemError(error, '/farm');
      expect(explained?.message).not.toMatch(/\bE[A-Z]{3,}\b|raw words/);
      expect(explained?.hint).not.toMatch(/[{}]|\bE[A-Z]{3,}\b/);
      expect(explained?.exitCode).toBe(3);
    }
  });

  test('names only errors that systems know', () => {
    const known = Object.keys(constants.errno);
    const ofNode = ['ENOTFOUND', 'EAI_AGAIN', 'ENOTFILE', 'ERR_FS_FILE_TOO_LARGE'];
    expect(names.filter((name) => !known.includes(name) && !ofNode.includes(name))).toEqual([]);
  });
});

describe('an error that a real call throws', () => {
  test('says which file cannot be read', async ({ folder }) => {
    const error = await thrown(readFile(join(folder, 'gone.json')));
    expect(explainSystemError(error, folder)).toMatchObject({
      code: 'FILE_UNREADABLE',
      message: 'Cannot read gone.json: there is nothing there.',
      hint: 'Check the path.',
    });
  });

  test('says which file was to be written, not its temporary name', async ({ folder }) => {
    await writeFile(join(folder, 'models'), '');
    const error = await thrown(writeFileAtomic(join(folder, 'models', 'a.json'), ''));
    expect(explainSystemError(error, folder)).toMatchObject({ code: 'FILE_UNWRITABLE' });
    await mkdir(join(folder, 'a.json'));
    const other = await thrown(writeFileAtomic(join(folder, 'a.json'), ''));
    expect(explainSystemError(other, folder)?.message).toMatch(/^Cannot write a\.json: /);
  });

  test('means the same, whichever function of Node found the folder', async ({ folder }) => {
    await mkdir(join(folder, 'a.json'));
    const path = join(folder, 'a.json');
    // One after the other: a call that fails while another is waited for would have nobody who hears of it.
    const calls = [
      () => rm(path, { force: true }),
      () => unlink(path),
      () => cp(path, join(folder, 'b')),
    ];
    for (const call of calls) {
      const error = explainSystemError(await thrown(call()), folder);
      expect(error?.message).toBe('Cannot write a.json: it is a folder, not a file.');
    }
  });

  test('names what chose the folder for temporary files', async ({ folder }) => {
    const before = process.env.TMPDIR;
    process.env.TMPDIR = join(folder, 'gone');
    try {
      const error = explainSystemError(
        await thrown(mkdtemp(join(tmpdir(), 'mainstem-x-'))),
        folder,
      );
      expect(error).toMatchObject({
        code: 'FILE_UNWRITABLE',
        message: expect.stringMatching(/gone \(TMPDIR can name another folder/),
      });
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
  });

  test.skipIf(process.platform !== 'linux')('tells a full disk', async ({ folder }) => {
    const file = await open('/dev/full', 'w');
    const error = await thrown(file.writeFile('x').finally(() => file.close()));
    expect(explainSystemError(error, folder)).toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringContaining('no space is left on the disk'),
    });
  });

  test('tells a port that is taken', async ({ onTestFinished }) => {
    const first = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void first.close());
    await new Promise((ready) => first.once('listening', ready));
    const address = first.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const second = createServer().listen(port, '127.0.0.1');
    const error = await new Promise((failed) => second.once('error', failed));
    expect(explainSystemError(error)).toMatchObject({ code: 'PORT_TAKEN', details: { port } });
  });
});

test('what fetch hides is found, memory and an abort are recognised, and a bug stays a bug', () => {
  const refused = systemError('ECONNREFUSED', { syscall: 'connect', address: '::1', port: 9 });
  const failed = new TypeError('fetch failed', { cause: refused });
  expect(explainSystemError(failed)).toMatchObject({
    message: 'Cannot reach ::1:9: nothing answers there.',
  });
  expect(explainSystemError(new RangeError('Array buffer allocation failed'))?.code).toBe(
    'MEMORY_EXHAUSTED',
  );
  expect(explainSystemError(AbortSignal.abort().reason)?.code).toBe('INTERRUPTED');
  const ours = new MainstemError('GIT_IDENTITY');
  expect(explainSystemError(ours)).toBe(ours);
  expect(explainSystemError(new TypeError('x is undefined'))).toBeNull();
  expect(explainSystemError('thrown text')).toBeNull();
});

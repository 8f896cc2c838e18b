import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect } from 'vitest';
import { assertOutput } from '../../../../pipeline/cli/assert-output.ts';
import { writeContactSheet } from '../../../../pipeline/cli/show/contact-sheet.ts';
import { isHtmlReport, renderHtml } from '../../../../platform/report/index.ts';
import { reportOf } from '../../../fixtures/reports.ts';
import { test } from '../../../helpers/folder.ts';
import { buildProject } from '../../../helpers/project.ts';

const keepAll = () => 'it is there already';
const keepNone = () => null;

describe('an output', () => {
  test('is written where nothing is, and over what may go', async ({ folder }) => {
    const there = join(folder, 'there.html');
    await writeFile(there, 'x');
    const data = ['data'];
    const free = join(folder, 'a/b/free.html');
    await assertOutput(folder, { path: free, data, worthKeeping: keepAll });
    await assertOutput(folder, { path: there, data, worthKeeping: keepNone });
    await expect(
      assertOutput(folder, { path: there, data, worthKeeping: keepAll }),
    ).rejects.toMatchObject({
      code: 'OUTPUT_TAKEN',
      message: `${there} is not written: it is there already.`,
    });
  });

  test('does not get among data, whether it is new, a table itself, or reached by a link', async ({
    folder,
  }) => {
    await mkdir(join(folder, 'data/fruit'), { recursive: true });
    await symlink('data', join(folder, 'link'));
    await writeFile(join(folder, 'data/tab.csv'), 'a,b\n');
    const data = ['data/fruit', 'data/tab.csv'];
    for (const name of ['data/fruit/new/x.jpg', 'link/fruit/x.jpg', 'data/tab.csv', 'data/fruit']) {
      const output = { path: join(folder, name), data, worthKeeping: keepNone };
      await expect(assertOutput(folder, output), name).rejects.toThrow(/lies in the data data/);
    }
    const beside = { path: join(folder, 'data/fruit.html'), data, worthKeeping: keepNone };
    await assertOutput(folder, beside);
  });

  test('is refused before the work where no file can be written, and nothing is put in its place', async ({
    folder,
  }) => {
    await writeFile(join(folder, 'file'), '');
    await mkdir(join(folder, 'folder'));
    await symlink('loop', join(folder, 'loop'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const server = createServer().listen(join(folder, 'socket'));
    await once(server, 'listening');
    const places: [string, string][] = [
      [join(folder, 'folder'), 'it is a folder, not a file'],
      [join(folder, 'file/a.html'), 'is not a folder'],
      [join(folder, 'file/a/b/c.html'), 'is not a folder'],
      [join(folder, 'loop'), 'links lead back'],
      [join(folder, 'loop/a.html'), 'links lead back'],
      [join(folder, 'pipe'), 'it is not a file'],
      [join(folder, 'socket'), 'it is not a file'],
      ['/dev/null', 'it is not a file'],
      [join(folder, `${'x'.repeat(300)}.html`), 'too long'],
    ];
    for (const [path, reason] of places) {
      const found = assertOutput(folder, { path, data: [], worthKeeping: keepNone });
      await expect(found, path).rejects.toMatchObject({
        code: 'FILE_UNWRITABLE',
        message: expect.stringContaining(reason),
        details: { path },
      });
    }
    server.close();
  });

  test('is refused in a folder that is not ours', async ({ folder }) => {
    await mkdir(join(folder, 'closed'));
    await writeFile(join(folder, 'there.html'), 'x', { mode: 0o000 });
    await chmod(folder, 0o777);
    for (const mode of [0o555, 0o000]) {
      await chmod(join(folder, 'closed'), mode);
      const outputs = ['closed/a.html', 'closed/new/a.html', 'there.html'];
      expect(codesAsNobody(folder, outputs), String(mode)).toEqual([
        ...['FILE_UNWRITABLE', 'FILE_UNWRITABLE', 'OUTPUT_TAKEN'],
      ]);
    }
    await chmod(join(folder, 'closed'), 0o755);
  });
});

/** The codes with which outputs are refused by a process that is not root's, whoever runs the tests. */
function codesAsNobody(folder: string, outputs: readonly string[]): string[] {
  const file = new URL('../../../../pipeline/cli/assert-output.ts', import.meta.url).href;
  const program = `
    const { assertOutput } = await import(${JSON.stringify(file)});
    const codes = ${JSON.stringify(outputs)}.map((name) =>
      assertOutput('${folder}', { path: '${folder}/' + name, data: [], worthKeeping: () => null })
        .then(() => 'written', ({ code }) => code));
    console.log(JSON.stringify(await Promise.all(codes)));`;
  const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const options = { encoding: 'utf8', cwd: folder, ...nobody } as const;
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '--eval', program], options),
  );
}

test('a page of a report is known as one, and no other page is', () => {
  expect(isHtmlReport(renderHtml(reportOf((index) => index < 9, null)))).toBe(true);
  for (const other of ['', '{}', '<!doctype html><html><head><title>mine</title>']) {
    expect(isHtmlReport(other)).toBe(false);
  }
});

describe('a contact sheet', () => {
  test.for(['sheet.jpg', 'sheet.png'])(
    'takes the place of an earlier one alone: %s',
    async (name, { folder }) => {
      const project = buildProject(folder);
      const photo = join(folder, 'data/pumpkins/2026/good/a.jpg');
      const create = { width: 9, height: 9, channels: 3, background: 'red' } as const;
      await mkdir(join(photo, '..'), { recursive: true });
      await writeFile(photo, await sharp({ create }).jpeg().toBuffer());
      const out = join(folder, name);
      const write = (path: string) => writeContactSheet(folder, project, { count: 2, out: path });
      await write(out);
      await write(out);
      const before = await readFile(photo);
      await expect(write(photo)).rejects.toMatchObject({ code: 'OUTPUT_TAKEN' });
      expect(await readFile(photo)).toEqual(before);
      await writeFile(out, before);
      await expect(write(out)).rejects.toThrow(/not a contact sheet/);
      await writeFile(out, 'notes');
      await expect(write(out)).rejects.toThrow(/not a contact sheet/);
      expect(await readFile(out, 'utf8')).toBe('notes');
    },
  );
});

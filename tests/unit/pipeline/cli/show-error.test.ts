import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { afterEach, expect, vi } from 'vitest';
import { showError } from '../../../../pipeline/cli/show-error.ts';
import { MainstemError } from '../../../../platform/lib/errors.ts';
import { test } from '../../../helpers/folder.ts';

afterEach(() => vi.restoreAllMocks());

function listen() {
  const said = { out: '', err: '' };
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said.out += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.err += text;
    return true;
  });
  return said;
}

const json = { root: '/nowhere', args: ['run', '--json'] };
const words = { root: '/nowhere', args: ['run'] };

test('an error that nobody foresaw is called a fault of Mainstem, and its details go into a file', async ({
  folder,
}) => {
  const said = listen();
  const args = ['pull', '--remote', 's3://id:hunter2@bucket', '--token', 'abcdef'];
  expect(showError(new TypeError('x is undefined'), { root: folder, args })).toBe(4);
  const [first, hint] = said.err.split('\n');
  expect(first).toMatch(/UNEXPECTED.* Mainstem failed .*: TypeError: x is undefined\.$/);
  expect(hint).toContain('This is a fault of Mainstem');
  expect(said.err).not.toContain('    at ');
  const file = / in (.+?\.txt):/.exec(said.err)?.[1] ?? '';
  expect(file.startsWith(join(folder, '.mainstem', 'faults'))).toBe(true);
  const details = await readFile(file, 'utf8');
  expect(details).toMatch(/TypeError: x is undefined\n {4}at /);
  expect(details).toContain('command   mainstem pull --remote s3://***@bucket --token ***');
  expect(details).toContain(`node      ${process.version}`);
});

test('what nobody foresaw is JSON for programs', ({ folder }) => {
  const said = listen();
  expect(showError(new TypeError('x is undefined'), { root: folder, args: ['--json'] })).toBe(4);
  expect(JSON.parse(said.out).error).toMatchObject({ code: 'UNEXPECTED' });
  expect(said.err).toBe('');
});

test('an error of the system is translated', () => {
  const said = listen();
  const error = Object.assign(new Error("EACCES: permission denied, open '/nowhere/a\n.json'"), {
    ...{ code: 'EACCES', syscall: 'open', path: '/nowhere/a\n.json' },
  });
  expect(showError(error, words)).toBe(3);
  expect(said.err).toMatch(
    /FILE_UNREADABLE.* Cannot read a\\n\.json: permission is denied\.\n {2}Give/,
  );
});

test('an error of ours is JSON with its details', () => {
  const said = listen();
  expect(showError(new MainstemError('REVISION_UNKNOWN', { revision: 'x' }), json)).toBe(2);
  expect(JSON.parse(said.out).error.details).toEqual({ revision: 'x' });
  expect(said.err).toBe('');
});

test('an interruption is one line', () => {
  const said = listen();
  expect(showError(new MainstemError('INTERRUPTED'), words)).toBe(130);
  expect(said.err).toBe('Interrupted; run the same command again and it continues.\n');
});

test('a file of Mainstem that cannot be parsed is named', () => {
  const said = listen();
  const error = new SyntaxError('Unexpected token');
  error.stack = `file:///nowhere/platform/lib/a.ts:12\n<<<<<<<\n\n${error.stack}`;
  expect(showError(error, words)).toBe(3);
  expect(said.err).toContain('CODE_UNLOADABLE');
  expect(said.err).toContain('Unexpected token (/nowhere/platform/lib/a.ts:12).');
});

test('help asked for is no mistake', () => {
  const said = listen();
  expect(showError(new CommanderError(0, 'commander.help', '(outputHelp)'), json)).toBe(0);
  expect(said.out).toBe('');
});

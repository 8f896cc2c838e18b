import { afterEach, expect, test, vi } from 'vitest';
import { showError, showUsage } from '../../../../pipeline/cli/show-error.ts';
import { MainstemError } from '../../../../platform/lib/errors.ts';

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

test('an error that nobody foresaw is JSON for programs, its stack for people', () => {
  const said = listen();
  expect(showError(new TypeError('x is undefined'), true)).toBe(3);
  expect(JSON.parse(said.out).error).toMatchObject({
    code: 'UNEXPECTED',
    message: 'x is undefined',
    details: {},
  });
  expect(said.err).toMatch(/^TypeError: x is undefined\n {4}at /);
});

test('an error of ours is JSON with its details', () => {
  const said = listen();
  expect(showError(new MainstemError('REVISION_UNKNOWN', { revision: 'x' }), true)).toBe(2);
  expect(JSON.parse(said.out).error.details).toEqual({ revision: 'x' });
  expect(said.err).toBe('');
});

test('an interruption is one line', () => {
  const said = listen();
  expect(showError(new MainstemError('INTERRUPTED'), false)).toBe(130);
  expect(said.err).toBe('Interrupted; run the same command again and it continues.\n');
});

test('help asked for is no mistake', () => {
  const said = listen();
  expect(showUsage({ exitCode: 0, message: '(outputHelp)' }, true)).toBe(0);
  expect(said.out).toBe('');
});

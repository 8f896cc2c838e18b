import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runAction } from '../../helpers/run-action.ts';

const folder = join(import.meta.dirname, '../../../.github/actions');

test('no action reads a number or a flag by a way that takes any word for one', () => {
  const texts = globSync('*/main.ts', { cwd: folder }).map(
    (path) => [path, readFileSync(join(folder, path), 'utf8')] as const,
  );
  expect(texts.length).toBeGreaterThan(10);
  const careless = /(?<!\w)Number\(\s*core\.|core\.getInput\([^)]*\)\s*[!=]==\s*'(true|false)'/;
  expect(texts.filter(([, text]) => careless.test(text)).map(([path]) => path)).toEqual([]);
});

const token = { 'github-token': 'x' };

describe('an input that is no', () => {
  test.for([
    ['number of hours', 'decide-retraining', { ...token, 'cool-down-hours': '24h' }],
    ['budget', 'decide-retraining', { ...token, budget: 'eight' }],
    ['budget that there can be', 'decide-retraining', { ...token, budget: '-1' }],
    ['flag', 'decide-retraining', { ...token, collect: 'maybe' }],
    ['number of bytes', 'admit', { ...token, run: '7', 'most-bytes': '2GB' }],
    ['target', 'deploy', { target: 'foo', folder: '.', url: 'http://127.0.0.1:9' }],
    ['command', 'deploy', { target: 'command', folder: '.', url: 'http://127.0.0.1:9' }],
    ['address', 'deploy', { target: 'process', folder: '.', url: 'javascript:alert(1)' }],
  ] as const)('%s is refused before anything is done', async ([_what, action, inputs]) => {
    const { code, log } = await runAction({
      ...{ action, inputs: { ...inputs } },
      // Nobody listens there: whoever asks GitHub first fails in another way.
      env: { GITHUB_API_URL: 'http://127.0.0.1:9', GITHUB_EVENT_NAME: 'schedule' },
    });
    expect(code).toBe(1);
    expect(log).toContain('::error::INPUT_INVALID');
  });
});

describe('the file of an event', () => {
  test('is looked at before the library that reads it is loaded, in every action', () => {
    const careless = globSync('**/*.ts', { cwd: folder }).filter((path) =>
      readFileSync(join(folder, path), 'utf8').includes("'@actions/github'"),
    );
    expect(careless.map((path) => path.replaceAll('\\', '/'))).toEqual(['lib/event.ts']);
  });

  test.for([
    ['is cut off', '{"pull_request": {'],
    ['is empty', ''],
    ['holds a list', '[]'],
    ['holds nothing', 'null'],
  ] as const)('that %s is said to be so', async ([_what, text]) => {
    const path = join(await mkdtemp(join(tmpdir(), 'mainstem-event-')), 'event.json');
    onTestFinished(() => rm(dirname(path), { recursive: true }));
    await writeFile(path, text);
    for (const action of ['outdated', 'admit', 'report']) {
      const { code, log } = await runAction({ action, env: { GITHUB_EVENT_PATH: path } });
      expect(code).toBe(1);
      expect(log).toMatch(/^::error::JSON_INVALID .*GITHUB_EVENT_PATH.*event\.json/m);
      expect(log).not.toContain('node_modules');
    }
  });
});

describe('what answers in the place of GitHub', () => {
  test.for([
    ['a page', 'text/html', '<html>Log in</html>'],
    ['words', 'application/json', '{"message":"Log in"}'],
  ] as const)('is said to be no GitHub: %s', async ([_what, type, body]) => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': type }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { code, log } = await runAction({
      ...{ action: 'admit', inputs: { ...token, run: '7' } },
      env: { GITHUB_API_URL: `http://127.0.0.1:${port}` },
    });
    expect(code).toBe(1);
    expect(log).toContain('::error::FORGE_REFUSED');
  });
});

describe('GitHub in trouble', () => {
  /** Answers each request in turn, and the last answer forever. */
  async function answering(
    answers: readonly (readonly [status: number, headers: object, body: string])[],
  ) {
    const asked: string[] = [];
    const server = createServer(({ method = '', url = '' }, response) => {
      const [status = 500, headers = {}, body = ''] = answers[asked.length] ?? answers.at(-1) ?? [];
      asked.push(`${method} ${url}`);
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const env = { GITHUB_API_URL: `http://127.0.0.1:${port}` };
    return { asked, env };
  }
  const none = [200, {}, '{"total_count":0,"artifacts":[]}'] as const;
  const admit = (env: Readonly<Record<string, string>>) =>
    runAction({ action: 'admit', inputs: { ...token, run: '7' }, env });

  test.for([
    ['is down for a moment', [502, {}, '{"message":"Server Error"}']],
    ['breaks off', [200, {}, '[{"a":']],
    ['says nothing', [200, {}, '']],
    ['says null', [200, {}, 'null']],
    ['has a limit that is over soon', [429, { 'retry-after': '1' }, '{"message":"Slow down."}']],
    ['has a secondary limit', [403, { 'retry-after': '0' }, '{"message":"secondary rate limit"}']],
  ] as const)('that %s is asked again', async ([_what, first]) => {
    const { asked, env } = await answering([first, none]);
    const { log } = await admit(env);
    expect(asked.length).toBeGreaterThan(1);
    expect(asked[1]).toBe(asked[0]);
    expect(log).toMatch(/asking again in \d+ seconds?\./);
    expect(log).not.toContain('::error::FORGE_');
  });

  test.for([
    ['a missing right', [403, {}, '{"message":"Resource not accessible."}'], 'FORGE_REFUSED', 1],
    ['nothing there', [404, {}, '{"message":"Not Found"}'], 'FORGE_REFUSED', 1],
    ['an hour to wait', [429, { 'retry-after': '3600' }, '{"message":"x"}'], 'FORGE_LIMITED', 1],
    ['a page of trouble', [503, { 'content-type': 'text/html' }, page()], 'FORGE_FAILED', 4],
  ] as const)(
    '%s becomes one line that says what to do',
    { timeout: 60_000 },
    async ([_what, answer, code, times]) => {
      const { asked, env } = await answering([answer]);
      const { code: status, log } = await admit(env);
      expect(status).toBe(1);
      expect(asked).toHaveLength(times);
      const [error = ''] = log.split('\n').filter((line) => line.startsWith('::error::'));
      expect(error).toContain(`::error::${code} `);
      expect(error).not.toMatch(/\.\. |<|color: red/);
      expect(error.length).toBeLessThan(700);
    },
  );

  function page(): string {
    return `<html><style>h1 { color: red }</style><h1>Unicorn!</h1>${'<p>Words.</p>'.repeat(9999)}</html>`;
  }
});

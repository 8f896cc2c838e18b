import { globSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
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

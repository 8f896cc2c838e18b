import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const run = promisify(execFile);

/** What Node loads of its own parts when a program has run. */
async function partsAfter(program: string): Promise<string[]> {
  const args = ['--input-type=module', '--eval', `${program}\n${report}`];
  const { stdout } = await run(process.execPath, args, { cwd: root });
  return JSON.parse(stdout);
}
const report = 'console.log(JSON.stringify(process.moduleLoadList));';
const fetching = 'NativeModule internal/deps/undici/undici';

test('a server loads nothing of what `fetch` needs before it fetches something', async () => {
  const started = `
    await import('./serving/app.ts');
    const { readConfig } = await import('./serving/config.ts');
    readConfig(['--root', '.'], {});`;
  expect(await partsAfter(started)).not.toContain(fetching);
  expect(await partsAfter(`${started} new Headers();`)).toContain(fetching);
});

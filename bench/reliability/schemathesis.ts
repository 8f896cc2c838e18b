import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Row } from './table.ts';
import type { Target } from './target.ts';

/** For each operation; with 18 of them somewhat more than a thousand requests in all. */
const examples = 50;
const limitSeconds = 45;

/** Lets Schemathesis ask whatever the OpenAPI document allows and forbids. @param program '' if it is not installed */
export async function measureSchemathesis(target: Target, program: string): Promise<Row[]> {
  if (program === '') {
    return [{ what: 'schemathesis', found: 'skipped: name a program with --schemathesis' }];
  }
  await target.ready();
  const deaths = target.deaths;
  const said = await run(program, target.url);
  const died = target.deaths - deaths;
  const generated = /(\d+) generated/.exec(said)?.[1];
  if (!generated) throw new Error(`Schemathesis found no requests to send: ${said.slice(-2000)}`);
  const kinds = [...said.matchAll(/(ST\d+ [^:\n]+): (\d+)/g)].map(
    ([, kind, count]) => `${kind}: ${count}`,
  );
  const failed = [...said.matchAll(/ST10\d Server error[^:\n]*: (\d+)/g)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
  return [
    {
      what: `${generated} requests of ${await versionOf(program)}`,
      found: kinds.join(', ') || 'no finding',
    },
    { what: '… 5xx', found: String(failed), goal: { text: '0', met: failed === 0 } },
    { what: '… deaths', found: String(died), goal: { text: '0', met: died === 0 } },
  ];
}

async function run(program: string, url: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mainstem-schemathesis-'));
  const options = ['--url', url, '--max-examples', String(examples), '--seed', '1', '--no-color'];
  const limits = ['--max-time', String(limitSeconds), '--request-timeout', '10', '--no-shrink'];
  try {
    // It reads them where it runs, and leaves what it remembers there.
    for (const name of ['schemathesis.toml', 'schemathesis_hooks.py'])
      await copyFile(join(import.meta.dirname, name), join(folder, name));
    return await output(program, ['run', `${url}/openapi.json`, ...options, ...limits], folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function versionOf(program: string): Promise<string> {
  return (await output(program, ['--version'], tmpdir())).trim().replace(', version', '');
}

/** It ends with 1 if it has found something, and says so on standard output. */
function output(program: string, args: readonly string[], cwd: string): Promise<string> {
  const timeout = (limitSeconds + 15) * 1000;
  return new Promise((resolve) => {
    execFile(program, args, { cwd, timeout, maxBuffer: 1 << 26 }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
}

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { test } from '../../helpers/folder.ts';

const lib = join(import.meta.dirname, '../../../.github/actions/lib/run.ts');

/** Runs an action whose main function is this code; returns what the job's log holds. */
function runMain(folder: string, body: string) {
  const main = join(folder, 'main.ts');
  writeFileSync(
    main,
    `import { readFile } from 'node:fs/promises';\nimport { runAction } from '${lib}';\nawait runAction(async () => { ${body} });\n`,
  );
  const env = { PATH: process.env.PATH, 'INPUT_GITHUB-TOKEN': 'ghs_0123456789abcdef' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main], { env, encoding: 'utf8' });
  return { status, log: stdout + stderr };
}

test('an error of the system fails the step with a code, a sentence and a way to fix it', ({
  folder,
}) => {
  const { status, log } = runMain(folder, "await readFile('/nowhere/a.json');");
  expect(status).toBe(1);
  expect(log).toBe(
    '::error::FILE_UNREADABLE Cannot read /nowhere/a.json: there is nothing there. ' +
      'Check the path.\n',
  );
});

test('an unexpected error is called a fault of Mainstem; its details are in the log, without secrets and commands', ({
  folder,
}) => {
  const { status, log } = runMain(
    folder,
    "throw new TypeError('x is undefined\\n::set-output name=a::b\\n ghs_0123456789abcdef');",
  );
  expect(status).toBe(1);
  const annotations = log.split('\n').filter((line) => line.trimStart().startsWith('::'));
  expect(annotations).toHaveLength(1);
  expect(annotations[0]).toMatch(/^::error::UNEXPECTED .*x is undefined.*fault of Mainstem/);
  expect(log).toContain('    at ');
  expect(log).toContain('command   mainstem action');
  expect(log).not.toContain('ghs_0123456789abcdef');
});

test('what goes wrong outside the main function is caught too', ({ folder }) => {
  const { status, log } = runMain(
    folder,
    "setTimeout(() => { throw new RangeError('later'); }, 1); await new Promise((done) => setTimeout(done, 500));",
  );
  expect(status).toBe(1);
  expect(log).toMatch(/^::error::UNEXPECTED .*later/m);
});

test('what GitHub refuses, and an input that is missing, are no faults of Mainstem', ({
  folder,
}) => {
  const refused =
    "throw Object.assign(new Error('Resource not accessible'), { name: 'HttpError', status: 403, response: { headers: {} } });";
  expect(runMain(folder, refused).log).toMatch(/^::error::FORGE_REFUSED GitHub refused/);
  const missing = "throw new Error('Input required and not supplied: folder');";
  expect(runMain(folder, missing).log).toMatch(/^::error::INPUT_INVALID The input "folder"/);
});

test.for(['process.exit(0);', 'await new Promise(() => {});'])(
  'a process that ends before the action has fails the step: %s',
  (body, { folder }) => {
    const { status, log } = runMain(folder, body);
    expect(status).toBe(1);
    expect(log).toMatch(/::error::ENDED_EARLY /);
  },
);

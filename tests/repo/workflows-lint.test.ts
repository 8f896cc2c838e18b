import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { test } from '../helpers/folder.ts';
import { goPrograms, pythonPrograms } from '../helpers/tools.ts';
import { parseActionFile, parseWorkflowFile } from '../simulate/runner/workflow.ts';

const root = join(import.meta.dirname, '../..');
const workflows = globSync('.github/workflows/*.{yml,yaml}', { cwd: root });
const actions = globSync('.github/actions/*/action.{yml,yaml}', { cwd: root });

/** Runs a linter in a repository. @returns its exit status and all that it said */
function lint(cwd: string, program: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

const shellcheck = spawnSync('shellcheck', ['--version']).status === 0;
const actionlint = ['-no-color', '-pyflakes='];

test.skipIf(!existsSync(goPrograms.actionlint) || !shellcheck)(
  'actionlint, with shellcheck, has nothing to say about the workflows',
  ({ folder }) => {
    expect(lint(root, goPrograms.actionlint, ...actionlint, ...workflows)).toEqual({
      status: 0,
      output: '',
    });
    plant(folder);
    expect(lint(folder, goPrograms.actionlint, ...actionlint).output).toContain('SC2086');
  },
);

test.skipIf(!existsSync(goPrograms.actionlint))(
  'every exception made for actionlint is still needed',
  () => {
    const args = ['-config-file', '/dev/null', '-format', '{{json .}}', ...actionlint];
    const { output } = lint(root, goPrograms.actionlint, ...args, ...workflows);
    const messages: { message: string; filepath: string }[] = JSON.parse(output);
    const { paths }: { paths: Record<string, { ignore: string[] }> } = parse(
      readFileSync(join(root, '.github/actionlint.yaml'), 'utf8'),
    );
    for (const [pattern, { ignore }] of Object.entries(paths)) {
      for (const file of globSync(pattern, { cwd: root })) {
        const own = messages.filter(({ filepath }) => filepath === file);
        for (const text of ignore) {
          expect(
            own.some(({ message }) => new RegExp(text).test(message)),
            `${file}: ${text}`,
          ).toBe(true);
        }
      }
    }
  },
);

test.skipIf(!existsSync(pythonPrograms.zizmor))(
  'zizmor, at its most pedantic, has nothing to say about workflows, actions and updates',
  ({ folder }) => {
    const args = ['--offline', '--quiet', '--color=never', '--persona=pedantic'];
    const strict = [...args, '--strict-collection', '--collect=all'];
    const { status, output } = lint(root, pythonPrograms.zizmor, ...strict, '.github');
    expect(status, output).toBe(0);
    plant(folder);
    expect(lint(folder, pythonPrograms.zizmor, ...strict, '.github').output).toContain(
      'error[template-injection]',
    );
  },
);

test.each(workflows)("GitHub's parser takes %s", async (path) => {
  const { jobs } = await parseWorkflowFile(path, readFileSync(join(root, path), 'utf8'));
  expect(jobs.length).toBeGreaterThan(0);
});

test.each(actions)("GitHub's parser takes %s", (path) => {
  const { using } = parseActionFile(path, readFileSync(join(root, path), 'utf8'));
  expect(using).toBe('node24');
});

/** A workflow that each linter has to object to. */
function plant(folder: string): void {
  mkdirSync(join(folder, '.github/workflows'), { recursive: true });
  mkdirSync(join(folder, '.git'));
  const script = `echo $GITHUB_SHA "\${{ github.event.pull_request.title }}"`;
  const job = `{ runs-on: ubuntu-latest, steps: [{ run: '${script}' }] }`;
  const text = `on: pull_request_target\njobs:\n  a: ${job}\n`;
  writeFileSync(join(folder, '.github/workflows/planted.yml'), text);
}

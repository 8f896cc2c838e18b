import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { emit, pushTrigger } from '../github/events.ts';
import { git } from '../github/git.ts';
import { mergePull, openPull } from '../github/merging.ts';
import { emitPull, refreshMerge } from '../github/references.ts';
import { type GitHub, startGitHub, userToken } from '../github/start-github.ts';
import type { Run, Settings } from '../github/state.ts';
import type { RunnerOptions } from './job-host.ts';
import type { Runner } from './runner.ts';
import { startRunner } from './start-runner.ts';

interface Bench {
  readonly github: GitHub;
  readonly runner: Runner;
  /** Starts push workflows of main's tip and waits for the end. */
  push(paths?: readonly string[]): Promise<Run[]>;
}

/** A repository whose only files are given, a stand-in over it, and a runner. */
async function bench(
  files: Readonly<Record<string, string>>,
  settings: Partial<Settings> = {},
  options: Partial<RunnerOptions> = {},
): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'mainstem-runner-'));
  const tree = join(folder, 'tree');
  for (const [path, text] of Object.entries(files)) {
    const file = join(tree, path.includes('/') ? path : `.github/workflows/${path}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  git(tree, ['init', '--quiet', '--initial-branch=main']);
  git(tree, ['add', '--all']);
  git(tree, ['commit', '--quiet', '-m', 'Start']);
  git(folder, ['clone', '--quiet', '--bare', tree, 'farm.git']);
  const repository = join(folder, 'farm.git');
  const github = await startGitHub({ repository, folder, settings });
  const runner = startRunner(github.forge, {
    folder: join(folder, 'work'),
    nodeModules: join(import.meta.dirname, '../../../node_modules'),
    node: process.execPath,
    ...options,
  });
  onTestFinished(async () => {
    await runner.idle();
    await github.close();
    rmSync(folder, { recursive: true, force: true });
    expect(github.forge.violations).toEqual([]);
  });
  const push = async (paths: readonly string[] = ['README.md']) => {
    const after = git(repository, ['rev-parse', 'main']);
    const where = { ref: 'refs/heads/main', before: '0'.repeat(40), after, login: 'jen' };
    emit(github.forge, { ...pushTrigger(github.forge.home, where), paths });
    await runner.idle();
    return github.forge.runs;
  };
  return { github, runner, push };
}

/** A workflow of `on: push` with the given jobs, indented by two. */
const onPush = (jobs: string) => `on: push\npermissions: {}\njobs:\n${jobs}`;

/** What each job ended as. */
function ends(run: Run | undefined): Record<string, string | null> {
  return Object.fromEntries((run?.jobs ?? []).map(({ name, conclusion }) => [name, conclusion]));
}

function logOf(run: Run | undefined): string {
  return (run?.jobs ?? []).flatMap(({ steps }) => steps.map(({ log }) => log)).join('');
}

test('outputs, environment, path and summary pass from step to step and from job to job', async () => {
  const { push } = await bench({
    'a.yml': onPush(`
  first:
    runs-on: ubuntu-latest
    outputs:
      list: \${{ steps.make.outputs.list }}
    steps:
      - id: make
        run: |
          echo 'list=["x","y"]' >> "$GITHUB_OUTPUT"
          echo "COLOUR=orange" >> "$GITHUB_ENV"
          echo "# Done" >> "$GITHUB_STEP_SUMMARY"
          mkdir tools && printf '#!/bin/sh\\necho found' > tools/seeker && chmod +x tools/seeker
          echo "$PWD/tools" >> "$GITHUB_PATH"
      - run: echo "$COLOUR $(seeker)"
  second:
    needs: first
    strategy:
      matrix:
        letter: \${{ fromJSON(needs.first.outputs.list) }}
    runs-on: ubuntu-latest
    steps:
      - run: echo "letter \${{ matrix.letter }}"
`),
  });
  const [run] = await push();
  expect(ends(run)).toEqual({ first: 'success', 'second (x)': 'success', 'second (y)': 'success' });
  expect(run?.jobs[0]?.summary).toBe('# Done\n');
  expect(logOf(run)).toBe('orange found\nletter x\nletter y\n');
});

test('a failed need skips what follows, except for what asks for failure() or always()', async () => {
  const { push } = await bench({
    'a.yml': onPush(`
  a: { runs-on: u, steps: [{ run: exit 3 }] }
  b: { runs-on: u, needs: a, steps: [{ run: echo b }] }
  c: { runs-on: u, needs: b, steps: [{ run: echo c }] }
  d: { runs-on: u, needs: b, if: failure(), steps: [{ run: echo d }] }
  e: { runs-on: u, needs: [a, c], if: always(), steps: [{ run: 'echo \${{ needs.a.result }} \${{ needs.c.result }}' }] }
`),
  });
  const [run] = await push();
  expect(ends(run)).toEqual({
    a: 'failure',
    b: 'skipped',
    c: 'skipped',
    d: 'success',
    e: 'success',
  });
  expect(logOf(run)).toContain('failure skipped');
  expect(run?.conclusion).toBe('failure');
});

test('continue-on-error keeps the outcome and passes the conclusion', async () => {
  const { push } = await bench({
    'a.yml': onPush(`
  a:
    runs-on: u
    steps:
      - { id: x, run: exit 1, continue-on-error: true }
      - uses: actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c
        with: { name: nothing }
        continue-on-error: true
      - run: echo "\${{ steps.x.outcome }} \${{ steps.x.conclusion }}"
      - { if: failure(), run: echo never }
`),
  });
  const [run] = await push();
  expect(run?.conclusion).toBe('success');
  expect(logOf(run)).toContain('failure success\n');
  expect(logOf(run)).not.toContain('never');
});

test('an empty matrix fails its job, as on GitHub', async () => {
  const { push } = await bench({
    'a.yml': onPush(`
  a:
    runs-on: u
    strategy: { matrix: { x: "\${{ fromJSON('[]') }}" } }
    steps: [{ run: echo }]
`),
  });
  const [run] = await push();
  expect(run?.conclusion).toBe('failure');
  expect(logOf(run)).toContain('does not contain any values');
});

test('a local composite action has its own inputs, outputs and steps', async () => {
  const { push } = await bench({
    'act/action.yml': `
name: Twice
description: Says it twice.
inputs:
  word: { description: What., default: nothing }
outputs:
  said: { description: It., value: "\${{ steps.say.outputs.said }}" }
runs:
  using: composite
  steps:
    - id: say
      shell: bash
      run: echo "said=\${{ inputs.word }} \${{ inputs.word }}" >> "$GITHUB_OUTPUT"
`,
    'a.yml': onPush(`
  a:
    runs-on: u
    permissions: { contents: read }
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1
      - { uses: ./act, id: act, with: { word: again } }
      - run: echo "\${{ steps.act.outputs.said }}"
`),
  });
  const [run] = await push();
  expect(logOf(run)).toContain('again again\n');
});

test('a job without contents: read cannot check out', async () => {
  const { push } = await bench({
    'a.yml': onPush(`
  a: { runs-on: u, steps: [{ uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 }] }
`),
  });
  const [run] = await push();
  expect(run?.conclusion).toBe('failure');
  expect(logOf(run)).toContain('403');
});

test('paths and branches decide which workflows a push starts', async () => {
  const workflow = (on: string) => `on: ${on}\njobs: { a: { runs-on: u, steps: [{ run: echo }] } }`;
  const { push } = await bench({
    'all.yml': workflow('{ push: { branches: [main] } }'),
    'docs.yml': workflow('{ push: { paths: ["docs/**", "!docs/drafts/**"] } }'),
    'other.yml': workflow('{ push: { branches: ["release/**"] } }'),
    'tags.yml': workflow('{ push: { tags: ["v*"] } }'),
  });
  const runs = await push(['docs/a.md']);
  expect(runs.map(({ workflow: { path } }) => path)).toEqual([
    '.github/workflows/all.yml',
    '.github/workflows/docs.yml',
  ]);
  expect(await push(['docs/drafts/a.md'])).toHaveLength(3);
});

test('a newcomer takes the waiting place of its group, or ends who runs there', async () => {
  const wait = (concurrency: string) =>
    `on: push\nconcurrency: ${concurrency}\njobs: { a: { runs-on: u, steps: [{ run: sleep 0.6 }] } }`;
  const pending = await bench({ 'a.yml': wait('{ group: x }') });
  await Promise.all([pending.push(), pending.push(), pending.push()]);
  expect(pending.github.forge.runs.map(({ conclusion }) => conclusion)).toEqual([
    'success',
    'cancelled',
    'success',
  ]);
  const replaced = await bench({ 'a.yml': wait('{ group: x, cancel-in-progress: true }') });
  await Promise.all([replaced.push(), replaced.push()]);
  expect(replaced.github.forge.runs.map(({ conclusion }) => conclusion)).toEqual([
    'cancelled',
    'success',
  ]);
  const queued = await bench({ 'a.yml': wait('{ group: x, queue: max }') });
  await Promise.all([queued.push(), queued.push(), queued.push()]);
  expect(queued.github.forge.runs.every(({ conclusion }) => conclusion === 'success')).toBe(true);
});

test('a job waits for the reviewers of its environment and gets its secrets, covered in the log', async () => {
  const { github, runner, push } = await bench(
    {
      'a.yml': onPush(`
  a:
    runs-on: u
    environment: { name: production, deployment: false }
    steps: [{ run: 'echo "$KEY" \${{ vars.WHERE }}', env: { KEY: "\${{ secrets.KEY }}" } }]
`),
    },
    {
      environments: {
        production: { reviewers: true, secrets: { KEY: 'pssst-secret' }, vars: { WHERE: 'here' } },
      },
    },
  );
  const [run] = await push();
  expect(run?.status).toBe('in_progress');
  runner.waiting[0]?.approve();
  await runner.idle();
  expect(run?.conclusion).toBe('success');
  expect(logOf(run)).toBe('*** here\n');
  expect(github.forge.deployments).toEqual([]);
});

test('a fork gets no variables, no secrets and a token that only reads', async () => {
  const { github, runner } = await bench(
    {
      'a.yml': `
on: pull_request
permissions: { contents: write, statuses: write }
jobs:
  a:
    runs-on: u
    steps:
      - env: { KEY: "\${{ secrets.KEY }}", TOKEN: "\${{ github.token }}" }
        run: |
          echo "[$KEY] [\${{ vars.WHERE }}]"
          curl -s -X POST -H "authorization: Bearer $TOKEN" -d '{"state":"success"}' \\
            "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/statuses/$GITHUB_SHA"
`,
    },
    { vars: { WHERE: 'here' }, secrets: { KEY: 'pssst-secret' } },
  );
  const { forge } = github;
  const fork = { ...forge.home, fullName: 'stranger/farm', owner: 'stranger', fork: true };
  forge.repositories.set(fork.fullName, fork);
  const { folder } = forge.home;
  const commit = git(folder, ['commit-tree', 'main^{tree}', '-p', 'main', '-m', 'More']);
  git(folder, ['update-ref', 'refs/heads/more', commit]);
  const stranger = userToken(forge, 'stranger');
  const request = { title: 'More', body: '', head: 'more', base: 'main', repo: fork.fullName };
  const pull = openPull(forge, request, stranger);
  refreshMerge(forge, pull);
  emitPull(forge, pull, 'opened', 'stranger');
  await runner.idle();
  expect(logOf(forge.runs[0])).toContain('[] []');
  expect(logOf(forge.runs[0])).toContain('Resource not accessible by integration');
  expect(forge.statuses).toEqual([]);
  forge.settings.required = ['a'];
  expect(mergePull(forge, pull, 'squash', userToken(forge, 'jen'))).toMatch(/^[0-9a-f]{40}$/);
});

test('workflow_run follows a run with the files of main, and artefacts keep their attempt', async () => {
  const upload = 'actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f';
  const download = 'actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c';
  const { github, runner, push } = await bench({
    'make.yml': `name: make\n${onPush(`
  a:
    runs-on: u
    steps:
      - run: mkdir out && echo "attempt $GITHUB_RUN_ATTEMPT" > out/a.txt
      - { uses: ${upload}, with: { name: "made-\${{ github.run_attempt }}", path: out } }
`)}`,
    'use.yml': `
on: { workflow_run: { workflows: [make], types: [completed] } }
permissions: { actions: read }
jobs:
  a:
    runs-on: u
    steps:
      - uses: ${download}
        with:
          name: made-\${{ github.event.workflow_run.run_attempt }}
          run-id: \${{ github.event.workflow_run.id }}
          github-token: \${{ github.token }}
      - run: cat a.txt
`,
  });
  const [made] = await push();
  if (!made) throw new Error('nothing ran');
  github.forge.commands.rerun(made, false);
  await runner.idle();
  const used = github.forge.runs.filter(({ workflow: { path } }) => path.endsWith('use.yml'));
  expect(used.map((run) => logOf(run).match(/attempt \d/)?.[0])).toEqual([
    'attempt 1',
    'attempt 2',
  ]);
  expect(github.forge.artifacts.map(({ name }) => name)).toEqual(['made-1', 'made-2']);
});

test('a runner that dies fails its job, and only failed jobs run again', async () => {
  let dies = true;
  const { runner, push, github } = await bench(
    {
      'a.yml': onPush(`
  a: { runs-on: u, steps: [{ run: echo a }] }
  b: { runs-on: u, needs: a, steps: [{ id: work, run: sleep 0.5; echo b }] }
`),
    },
    {},
    { onStep: ({ step }) => (dies && step === 'work' ? 50 : null) },
  );
  const [run] = await push();
  expect(ends(run)).toEqual({ a: 'success', b: 'failure' });
  dies = false;
  const first = run?.jobs.find(({ name }) => name === 'a')?.id;
  if (run) github.forge.commands.rerun(run, true);
  await runner.idle();
  expect(ends(run)).toEqual({ a: 'success', b: 'success' });
  expect(run?.attempt).toBe(2);
  expect(run?.jobs.find(({ name }) => name === 'a')?.id).toBe(first);
});

test('a file that GitHub’s parser refuses starts nothing and says why', async () => {
  const { push, github } = await bench({ 'a.yml': 'on: push\njobs: { a: { steps: 7 } }' });
  expect(await push()).toEqual([]);
  const [note] = github.forge.timeline.filter(({ text }) => text.startsWith('Invalid workflow'));
  expect(note?.detail).toContain('a.yml');
});

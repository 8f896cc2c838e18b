import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect } from 'vitest';
import { git } from '../../../platform/lib/git.ts';
import { silentReporter } from '../../../platform/lib/reporter.ts';
import { artefactsOf } from '../../../platform/registry/index.ts';
import { buildReport } from '../../../platform/report/index.ts';
import type { GateResult, ModelRecord } from '../../../platform/schemas/index.ts';
import { createFolderRemote, openStore, push } from '../../../platform/storage/index.ts';
import { buildCandidate } from '../../helpers/candidate.ts';
import { type FakeGitHub, startGitHub } from '../../helpers/github.ts';
import { type Repository, test } from '../../helpers/repository.ts';
import { type ActionResult, runAction } from '../../helpers/run-action.ts';

let github: FakeGitHub | undefined;
afterEach(async () => {
  await github?.close();
  github = undefined;
});

const passed: GateResult = { gate: 'accuracy', passed: true, message: 'accuracy 0.95 ≥ 0.92' };
const failed: GateResult = { gate: 'accuracy', passed: false, message: 'accuracy 0.80 < 0.92' };

/** A pull request of the branch `jen-2027`, and the experiment that its workflow left. */
async function openPull(repository: Repository, gates: GateResult[], fork = false) {
  await repository.write({ 'params.json': '{}\n' });
  await repository.commit('Start');
  await git(repository.root, 'branch', 'jen-2027');
  const sha = await git(repository.root, 'rev-parse', 'HEAD');
  github = await startGitHub(repository.root);
  const owner = fork ? 'stranger' : 'jen';
  const head = { ref: 'jen-2027', sha, label: `${owner}:jen-2027` };
  github.pulls.push({
    number: 7,
    head,
    base: { ref: 'main' },
    state: 'open',
    title: 'New harvest',
    body: '',
  });
  const folder = join(repository.root, '.experiment');
  const candidate = await writeExperiment(folder, repository.root, gates);
  const event = {
    workflow_run: {
      head_sha: sha,
      head_branch: 'jen-2027',
      head_repository: { full_name: `${owner}/farm`, owner: { login: owner } },
    },
  };
  const run = (action: string, inputs: Record<string, string> = {}): Promise<ActionResult> =>
    runAction({
      action,
      inputs: { 'github-token': 'token', folder, ...inputs },
      event,
      env: { GITHUB_API_URL: github?.url ?? '' },
    });
  return { sha, folder, candidate, run, github };
}

async function writeExperiment(
  folder: string,
  root: string,
  gates: GateResult[],
): Promise<ModelRecord> {
  const store = openStore(root);
  const candidate = await buildCandidate(store, 'candidate');
  const report = buildReport({
    project: {
      name: 'pumpkins',
      title: 'Pumpkins',
      task: 'image-classification',
      classes: candidate.classes,
    },
    candidate,
    champion: null,
    incomparable: null,
    comparison: null,
    gates,
    dataDiff: null,
    findings: [],
  });
  const own = join(folder, 'pumpkins');
  await mkdir(own, { recursive: true });
  await writeFile(join(own, 'report.json'), JSON.stringify(report));
  await writeFile(join(own, 'candidate.json'), JSON.stringify(candidate));
  const workspace = { root, reporter: silentReporter, signal: new AbortController().signal };
  const blobs = new Map(
    artefactsOf(candidate).map(({ artefact }) => [artefact.digest, 'candidate']),
  );
  const remote = createFolderRemote(join(own, 'blobs'));
  await push({ workspace, store, remote }, { blobs, records: new Map() });
  return candidate;
}

describe('report', () => {
  test('comments once and edits the comment from then on', async ({ repository }) => {
    const pull = await openPull(repository, [passed]);
    const first = await pull.run('report');
    expect(first, first.log).toMatchObject({ code: 0, outputs: { 'pull-request': '7' } });
    expect(pull.github.comments).toHaveLength(1);
    expect(pull.github.comments[0]?.body).toContain('accuracy 0.95 ≥ 0.92');
    await pull.run('report');
    expect(pull.github.comments).toHaveLength(1);
  });

  test('finds its comment behind a hundred others, and not in someone else’s copy of the marker', async ({
    repository,
  }) => {
    const pull = await openPull(repository, [passed]);
    const marker = '<!-- mainstem:report:pumpkins -->';
    const stranger = { issue: 7, user: { login: 'stranger' }, html_url: '' };
    for (let id = 1; id <= 150; id++)
      pull.github.comments.push({ ...stranger, id, body: `${marker} no. ${id}` });
    await pull.run('report');
    await pull.run('report');
    const ours = pull.github.comments.filter(({ user }) => user.login === 'github-actions[bot]');
    expect(ours).toHaveLength(1);
    expect(pull.github.comments[0]?.body).toBe(`${marker} no. 1`);
  });

  test('does nothing if the pull request has a newer commit', async ({ repository }) => {
    const pull = await openPull(repository, [passed]);
    const [open] = pull.github.pulls;
    if (open) open.head.sha = 'f'.repeat(40);
    const result = await pull.run('report');
    expect(result).toMatchObject({ code: 0, outputs: { 'pull-request': '' } });
    expect(pull.github.comments).toHaveLength(0);
  });

  test('rejects an experiment whose report violates the schema', async ({ repository }) => {
    const pull = await openPull(repository, [passed]);
    await writeFile(join(pull.folder, 'pumpkins/report.json'), '{"version":1}');
    const result = await pull.run('report');
    expect(result.code).toBe(1);
    expect(result.log).toContain('JSON_INVALID');
    expect(pull.github.comments).toHaveLength(0);
  });
});

describe('promote', () => {
  test('puts record and pointer on the branch as one commit on top of it', async ({
    repository,
  }) => {
    const pull = await openPull(repository, [passed]);
    const remote = join(repository.root, '.remote');
    const result = await pull.run('promote', { remote });
    expect(result.code, result.log).toBe(0);
    const commit = result.outputs.commit ?? '';
    expect(await git(repository.root, 'rev-parse', 'jen-2027')).toBe(commit);
    expect(await git(repository.root, 'rev-parse', `${commit}^`)).toBe(pull.sha);
    const files = await git(repository.root, 'diff', '--name-only', pull.sha, commit);
    expect(files.split('\n')).toEqual([
      'models/pumpkins/production.json',
      `models/pumpkins/records/${pull.candidate.run}.json`,
    ]);
    const record = await git(
      repository.root,
      'show',
      `${commit}:models/pumpkins/records/${pull.candidate.run}.json`,
    );
    expect(JSON.parse(record)).toEqual(pull.candidate);
    expect((await readdir(remote)).length).toBeGreaterThan(0);
  });

  test('does nothing the second time', async ({ repository }) => {
    const pull = await openPull(repository, [passed]);
    const { outputs } = await pull.run('promote');
    const [open] = pull.github.pulls;
    if (!open) throw new Error('no pull request');
    open.head.sha = outputs.commit ?? '';
    const again = await runAction({
      action: 'promote',
      inputs: { 'github-token': 'token', folder: pull.folder },
      event: {
        workflow_run: {
          head_sha: open.head.sha,
          head_branch: 'jen-2027',
          head_repository: { full_name: 'jen/farm', owner: { login: 'jen' } },
        },
      },
      env: { GITHUB_API_URL: pull.github.url },
    });
    expect(again.code, again.log).toBe(0);
    expect(again.outputs.commit).toBe('');
  });

  test('leaves a fork’s branch alone', async ({ repository }) => {
    const pull = await openPull(repository, [passed], true);
    const forked = await pull.run('promote');
    expect(forked.outputs.commit).toBe('');
    expect(await git(repository.root, 'rev-parse', 'jen-2027')).toBe(pull.sha);
  });

  test('leaves the branch alone if a gate failed', async ({ repository }) => {
    const pull = await openPull(repository, [failed]);
    const result = await pull.run('promote');
    expect(result.outputs.commit).toBe('');
    expect(result.log).toContain('accuracy 0.80 < 0.92');
    expect(await git(repository.root, 'rev-parse', 'jen-2027')).toBe(pull.sha);
  });

  test('never overwrites a branch that has moved on since', async ({ repository }) => {
    const pull = await openPull(repository, [passed]);
    await git(repository.root, 'checkout', '--quiet', 'jen-2027');
    await repository.write({ 'more.txt': 'x' });
    const newer = await repository.commit('More');
    const result = await pull.run('promote');
    expect(result.code).toBe(1);
    expect(await git(repository.root, 'rev-parse', 'jen-2027')).toBe(newer);
  });

  test('rejects artefacts that differ from the record', async ({ repository }) => {
    const pull = await openPull(repository, [passed]);
    const path = join(pull.folder, 'pumpkins/candidate.json');
    const forged = {
      ...pull.candidate,
      package: {
        ...pull.candidate.package,
        onnx: { ...pull.candidate.package.onnx, digest: `sha256:${'0'.repeat(64)}` },
      },
    };
    await writeFile(path, JSON.stringify(forged));
    const result = await pull.run('promote', { remote: join(repository.root, '.remote') });
    expect(result.code).toBe(1);
    expect(await git(repository.root, 'rev-parse', 'jen-2027')).toBe(pull.sha);
  });
});

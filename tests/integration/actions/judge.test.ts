import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { readBundle } from '../../../.github/actions/lib/bundle.ts';
import { git } from '../../../platform/lib/git.ts';
import { readJson, writeJson } from '../../../platform/lib/json-file.ts';
import { ModelRecord, RunCost } from '../../../platform/schemas/index.ts';
import { cloneHere } from '../../helpers/clone.ts';
import { test } from '../../helpers/folder.ts';
import { type FakeGitHub, startGitHub } from '../../helpers/github.ts';
import { type ActionResult, runAction } from '../../helpers/run-action.ts';
import type { Run } from '../../simulate/github/state.ts';

const parameters = 'pipeline/projects/penguins/params.json';

let github: FakeGitHub | undefined;
afterEach(async () => {
  await github?.close();
  github = undefined;
});

interface Experiment {
  readonly hub: FakeGitHub;
  readonly origin: string;
  /** The default branch's checkout, where trusted jobs run. */
  readonly main: string;
  readonly head: string;
  readonly downloads: string;
  readonly remote: string;
  /** Runs an action of the trusted workflow. @param run what the event says otherwise of the run */
  trusted(
    action: string,
    inputs?: Readonly<Record<string, string>>,
    run?: object,
  ): Promise<ActionResult>;
}

/** A pull request that trains penguins otherwise, and what its experiment left. */
async function openPull(folder: string, fork = false): Promise<Experiment> {
  const main = await cloneHere(folder);
  const origin = join(folder, 'origin.git');
  await git(folder, 'clone', '--quiet', '--bare', main, origin);
  await git(main, 'remote', 'add', 'origin', origin);
  const branch = join(folder, 'branch');
  await cp(main, branch, { recursive: true, verbatimSymlinks: true });
  await git(branch, 'checkout', '--quiet', '-b', 'jen-2027');
  await edit(join(branch, parameters), /"epochs": \d+/, '"epochs": 30');
  await git(branch, 'commit', '--quiet', '--all', '-m', 'Train longer');
  await git(branch, 'push', '--quiet', origin, 'jen-2027');
  const head = await git(branch, 'rev-parse', 'HEAD');
  const downloads = join(folder, 'downloads');
  await plan(branch, join(downloads, 'experiment-plan-1'));
  await train(branch, folder, join(downloads, 'experiment-penguins-1'));
  const hub = await startGitHub(origin);
  github = hub;
  const owner = fork ? 'stranger' : 'jen';
  hub.pulls.push({
    number: 7,
    head: { ref: 'jen-2027', sha: head, label: `${owner}:jen-2027` },
    base: { ref: 'main' },
    state: 'open',
    title: 'Train longer',
    body: '',
  });
  hub.forge.runs.push(experimentOf({ head, owner, fork }));
  const remote = join(folder, 'remote');
  const event = {
    workflow_run: {
      ...{ id: 1, workflow_id: 1, event: 'pull_request' },
      head_sha: head,
      head_branch: 'jen-2027',
      run_attempt: 1,
      head_repository: { full_name: `${owner}/farm`, owner: { login: owner } },
    },
  };
  const trusted: Experiment['trusted'] = (action, inputs = {}, run = {}) =>
    runAction({
      ...{ root: main, action, event: { workflow_run: { ...event.workflow_run, ...run } } },
      inputs: { 'github-token': 'token', folder: join(folder, 'judgement'), ...inputs },
      env: { GITHUB_API_URL: hub.url, GITHUB_EVENT_NAME: 'workflow_run' },
    });
  return { hub, origin, main, head, downloads, remote, trusted };
}

/** The run that the event is about, while it goes on. */
function experimentOf({ head, owner, fork }: { head: string; owner: string; fork: boolean }): Run {
  return {
    id: 1,
    workflow: { name: 'experiment', path: '.github/workflows/experiment.yml' },
    text: '',
    trigger: {
      ...{ event: 'pull_request', action: 'opened', payload: {}, actor: owner, fork },
      ...{ sha: head, ref: 'refs/pull/7/merge', files: '', paths: null, depth: 0, pulls: [7] },
      head: { sha: head, branch: 'jen-2027', repository: `${owner}/farm` },
    },
    ...{ attempt: 1, status: 'in_progress', conclusion: null, jobs: [] },
    createdAt: '2026-11-01T08:00:00Z',
  };
}

async function edit(path: string, before: RegExp, after: string): Promise<void> {
  await writeFile(path, (await readFile(path, 'utf8')).replace(before, after));
}

async function plan(root: string, folder: string): Promise<void> {
  const inputs = { projects: 'penguins', folder };
  const planned = await runAction({ root, action: 'plan', inputs });
  expect(planned.outputs, planned.log).toEqual({ affected: '["penguins"]', count: '1' });
}

async function train(root: string, folder: string, into: string): Promise<void> {
  const results = join(folder, 'results');
  const inputs = { projects: 'penguins', folder: results };
  const trained = await runAction({ root, action: 'train', inputs });
  expect(trained.code, trained.log).toBe(0);
  await cp(join(results, 'penguins'), into, { recursive: true });
}

const statesOn = ({ statuses }: FakeGitHub, sha: string) =>
  Object.fromEntries(
    statuses.filter((status) => status.sha === sha).map(({ context, state }) => [context, state]),
  );

test('a pull request is judged, reported and promoted by main’s code, and a second round changes nothing', async ({
  folder,
}) => {
  const pull = await openPull(folder);
  const { hub, head, downloads, remote, origin, trusted } = pull;

  const running = await trusted('report', { folder: '' });
  expect(running.code, running.log).toBe(0);
  expect(hub.comments[0]?.body).toContain('Training');
  expect(statesOn(hub, head)).toMatchObject({ 'mainstem/gates': 'pending' });

  const judged = await trusted('judge', { downloads, remote });
  expect(judged.outputs, judged.log).toEqual({ head, promotable: 'penguins' });
  const page = await readFile(join(folder, 'judgement/reports/penguins.html'), 'utf8');
  expect(page).toContain('Content-Security-Policy');
  const reported = await trusted('report');
  expect(reported.code, reported.log).toBe(0);
  expect(hub.comments).toHaveLength(1);
  expect(hub.comments[0]?.body).toContain('penguins: first model');
  expect(hub.comments[0]?.body).not.toContain('own numbers differ');
  expect(hub.comments[0]?.body).toMatch(/Cost: [\d.]+ s/);
  expect(hub.comments[0]?.body).toContain('These figures are the pull request’s own');
  expect(statesOn(hub, head)).toEqual({
    'mainstem/data': 'success',
    'mainstem/gates': 'success',
    'mainstem/promotion': 'pending',
  });

  const promoted = await trusted('promote', { remote });
  const commit = promoted.outputs.commit ?? '';
  expect(await git(origin, 'rev-parse', 'jen-2027'), promoted.log).toBe(commit);
  expect(await git(origin, 'rev-parse', `${commit}^`)).toBe(head);
  const record = await readJson(
    join(downloads, 'experiment-penguins-1/candidate.json'),
    ModelRecord,
  );
  expect((await git(origin, 'diff', '--name-only', head, commit)).split('\n')).toEqual([
    'models/penguins/production.json',
    `models/penguins/records/${record.run}.json`,
  ]);
  expect((await readdir(remote)).length).toBeGreaterThan(0);
  expect(statesOn(hub, commit)).toEqual({
    'mainstem/data': 'success',
    'mainstem/gates': 'success',
    'mainstem/promotion': 'success',
  });

  // The same judgement again: the branch has moved on, so nothing is written over it.
  const again = await trusted('promote', { remote });
  expect(again.outputs.commit, again.log).toBe('');
  expect(await git(origin, 'rev-parse', 'jen-2027')).toBe(commit);

  // Trained once more in a fresh store: the same record counts, and there is nothing left to promote.
  const [open] = hub.pulls;
  if (open) open.head.sha = commit;
  const event = {
    workflow_run: {
      ...{ id: 1, workflow_id: 1, event: 'pull_request' },
      head_sha: commit,
      head_branch: 'jen-2027',
      run_attempt: 1,
      head_repository: { full_name: 'jen/farm', owner: { login: 'jen' } },
    },
  };
  const branch = join(folder, 'branch');
  await git(branch, 'pull', '--quiet', origin, 'jen-2027');
  await git(branch, 'clean', '-fdxq', '.mainstem');
  const second = join(folder, 'second');
  await train(branch, second, join(second, 'downloads/experiment-penguins-1'));
  const settled = await runAction({
    ...{ root: pull.main, action: 'judge', event },
    inputs: {
      'github-token': 'token',
      downloads: join(second, 'downloads'),
      folder: join(second, 'judgement'),
      remote,
    },
    env: { GITHUB_API_URL: hub.url, GITHUB_EVENT_NAME: 'workflow_run' },
  });
  expect(settled.outputs, settled.log).toEqual({ head: commit, promotable: '' });
});

test('a forged bundle promotes nothing: numbers, unknown properties, foreign runs and artefacts', async ({
  folder,
}) => {
  const { downloads, trusted, hub, head } = await openPull(folder);
  const path = join(downloads, 'experiment-penguins-1/candidate.json');
  const honest = await readJson(path, ModelRecord);
  const judge = async (forged: unknown) => {
    await writeJson(path, forged);
    return trusted('judge', { downloads });
  };

  const metrics = honest.evaluation.metrics.map((metric) => ({ ...metric, value: 42 }));
  const invented = await judge({ ...honest, evaluation: { ...honest.evaluation, metrics } });
  expect(invented.outputs.promotable, invented.log).toBe('');
  await trusted('report');
  expect(hub.comments[0]?.body).toContain('own numbers differ');
  expect(statesOn(hub, head)).toMatchObject({
    'mainstem/gates': 'failure',
    'mainstem/promotion': 'success',
  });

  expect((await judge({ ...honest, run: 'aaaaaaaaaaaa' })).outputs.promotable).toBe('');
  const padded = await judge({ ...honest, evaluation: { ...honest.evaluation, junk: 'x' } });
  expect(padded.log).toContain('BUNDLE_INVALID');
  await writeJson(path, honest);
  const cost = join(downloads, 'experiment-penguins-1/cost.json');
  const paid = await readJson(cost, RunCost);
  await writeJson(cost, { ...paid, stages: [{ ...paid.stages[0], stage: '# free of charge' }] });
  const read = () => readBundle(downloads, 'penguins', 1).catch(({ code }) => code);
  expect(await read()).toBe('JSON_INVALID');
  await writeJson(cost, { ...paid, junk: 'x' });
  expect(await read()).toBe('BUNDLE_INVALID');
  await writeJson(cost, paid);
  const foreign = await judge({ ...honest, model: 'pumpkins' });
  expect(foreign.log).toContain('BUNDLE_INVALID');
  const huge = await judge({ ...honest, page: { ...honest.page, intro: 'x'.repeat(2 ** 20) } });
  expect(huge.log).toContain('BUNDLE_INVALID');
  const lost = { ...honest.package.onnx, digest: `sha256:${'0'.repeat(64)}` };
  const absent = await judge({ ...honest, package: { ...honest.package, onnx: lost } });
  expect(absent.outputs.promotable, absent.log).toBe('');
});

test('a fork is judged and told, and its branch is left alone', async ({ folder }) => {
  const { downloads, trusted, hub, origin, head } = await openPull(folder, true);
  const judged = await trusted('judge', { downloads });
  expect(judged.outputs, judged.log).toEqual({ head, promotable: '' });
  await trusted('report');
  expect(hub.comments[0]?.body).toContain('From a fork');
  expect((await trusted('promote')).outputs.commit).toBe('');
  expect(await git(origin, 'rev-parse', 'jen-2027')).toBe(head);
});

test('the comment is found behind a hundred others, and never in someone else’s copy of the marker', async ({
  folder,
}) => {
  const { trusted, hub } = await openPull(folder);
  const marker = '<!-- mainstem:report -->';
  const stranger = { issue: 7, user: { login: 'stranger' }, html_url: '' };
  for (let id = 1; id <= 150; id++) {
    hub.comments.push({ ...stranger, id: 1000 + id, body: `${marker} no. ${id}` });
  }
  await trusted('report', { folder: '' });
  await mkdir(join(folder, 'judgement'), { recursive: true });
  const failed = await trusted('report');
  expect(failed.code, failed.log).toBe(0);
  const ours = hub.comments.filter(({ user }) => user.login === 'github-actions[bot]');
  expect(ours).toHaveLength(1);
  expect(ours[0]?.body).toContain('Not judged');
  expect(hub.comments[0]?.body).toBe(`${marker} no. 1`);
  // Its fork was deleted meanwhile, and the pull request is there as before.
  hub.statuses.length = 0;
  const orphan = await trusted('report', {}, { head_repository: null });
  expect(orphan.outputs['pull-request']).toBe('7');
  expect(hub.statuses.length).toBeGreaterThan(0);
  const [open] = hub.pulls;
  if (open) open.head.sha = 'f'.repeat(40);
  expect((await trusted('report')).outputs['pull-request']).toBe('');
});

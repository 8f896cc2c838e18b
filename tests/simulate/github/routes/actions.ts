import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { defaultBranchTrigger, emit, runPayload } from '../events.ts';
import { shaOf } from '../git.ts';
import type { Artifact, Forge, JobResult, Run } from '../state.ts';
import { zip } from '../zip.ts';
import { type Answer, type ApiRequest, found, Refusal, type Route, text } from './route.ts';

const home = '/repos/{owner}/{repo}';
const read = { method: 'GET', scopes: ['actions'], access: 'read' } as const;
const write = { method: 'POST', scopes: ['actions'], access: 'write' } as const;

/** Runs, jobs, artefacts and dispatches. */
export const actionRoutes: readonly Route[] = [
  { ...read, path: `${home}/actions/runs`, handle: listRuns },
  { ...read, path: `${home}/actions/runs/{run_id}`, handle: readRun },
  { ...read, path: `${home}/actions/runs/{run_id}/jobs`, handle: listJobs },
  { ...read, path: `${home}/actions/runs/{run_id}/artifacts`, handle: listArtifacts },
  { ...read, path: `${home}/actions/artifacts/{artifact_id}`, handle: readArtifact },
  {
    ...read,
    path: `${home}/actions/artifacts/{artifact_id}/{archive_format}`,
    handle: (request) => {
      const { id } = artifactOf(request);
      const location = `${request.forge.url}/_artifacts/${id}.zip?sig=${request.token.value}`;
      return { status: 302, location };
    },
  },
  {
    ...write,
    path: `${home}/actions/runs/{run_id}/rerun`,
    handle: (request) => rerun(request, false),
  },
  {
    ...write,
    path: `${home}/actions/runs/{run_id}/rerun-failed-jobs`,
    handle: (request) => rerun(request, true),
  },
  {
    ...write,
    path: `${home}/actions/runs/{run_id}/cancel`,
    handle: (request) => {
      request.forge.commands.cancel(runOf(request));
      return { status: 202, body: {} };
    },
  },
  {
    ...write,
    path: `${home}/actions/workflows/{workflow_id}/dispatches`,
    handle: dispatchWorkflow,
  },
  { ...write, scopes: ['contents'], path: `${home}/dispatches`, handle: dispatchRepository },
];

function listRuns({ forge, query }: ApiRequest): Answer {
  const asked = [
    ['head_sha', (run: Run) => run.trigger.head.sha],
    ['branch', (run: Run) => run.trigger.head.branch],
    ['event', (run: Run) => run.trigger.event],
    ['status', (run: Run) => (run.status === 'completed' ? run.conclusion : run.status)],
  ] as const;
  const runs = forge.runs.filter((run) =>
    asked.every(([name, of]) => !query.has(name) || query.get(name) === of(run)),
  );
  const body = {
    total_count: runs.length,
    workflow_runs: [...runs].reverse().map((run) => runPayload(forge, run)),
  };
  return { status: 200, paged: true, body };
}

function readRun(request: ApiRequest): Answer {
  return { status: 200, body: runPayload(request.forge, runOf(request)) };
}

function listJobs(request: ApiRequest): Answer {
  const run = runOf(request);
  const jobs = run.jobs.map((job) => renderJob(run, job));
  return { status: 200, paged: true, body: { total_count: jobs.length, jobs } };
}

function renderJob(run: Run, job: JobResult): Record<string, unknown> {
  return {
    id: job.id,
    run_id: run.id,
    run_attempt: run.attempt,
    name: job.name,
    head_sha: run.trigger.head.sha,
    head_branch: run.trigger.head.branch,
    workflow_name: run.workflow.name,
    status: job.status,
    conclusion: job.conclusion,
    steps: job.steps.map(({ name, conclusion }, at) => ({
      name,
      conclusion,
      status: 'completed',
      number: at + 1,
    })),
  };
}

/** Of every attempt: the answer has no field that says which. */
function listArtifacts(request: ApiRequest): Answer {
  const { id } = runOf(request);
  const name = request.query.get('name');
  const all = request.forge.artifacts.filter(
    (artifact) => artifact.run === id && (name === null || artifact.name === name),
  );
  const artifacts = all.map((artifact) => renderArtifact(request.forge, artifact));
  return { status: 200, paged: true, body: { total_count: artifacts.length, artifacts } };
}

function readArtifact(request: ApiRequest): Answer {
  return { status: 200, body: renderArtifact(request.forge, artifactOf(request)) };
}

function renderArtifact(forge: Forge, artifact: Artifact): Record<string, unknown> {
  const run = forge.runs.find(({ id }) => id === artifact.run);
  const url = `${forge.url}/repos/${forge.home.fullName}/actions/artifacts/${artifact.id}`;
  return {
    id: artifact.id,
    name: artifact.name,
    size_in_bytes: artifact.bytes,
    url,
    archive_download_url: `${url}/zip`,
    expired: false,
    workflow_run: {
      id: artifact.run,
      head_sha: run?.trigger.head.sha ?? '',
      head_branch: run?.trigger.head.branch ?? '',
    },
  };
}

/** The archive behind a signed address. @throws Refusal 404 */
export function artifactZip(forge: Forge, id: number): Buffer {
  const artifact = found(forge.artifacts.find((one) => one.id === id));
  const names = readdirSync(artifact.folder, { recursive: true, encoding: 'utf8' });
  const paths = names.filter((name) => statSync(join(artifact.folder, name)).isFile());
  return zip(paths.sort().map((path) => [path, readFileSync(join(artifact.folder, path))]));
}

function rerun(request: ApiRequest, failedOnly: boolean): Answer {
  const run = runOf(request);
  if (run.status !== 'completed') throw new Refusal(403, 'The workflow run is already running');
  request.forge.commands.rerun(run, failedOnly);
  return { status: 201, body: {} };
}

function dispatchWorkflow({ forge, params, body, token }: ApiRequest): Answer {
  const file = params.workflow_id ?? '';
  const ref = text(body, 'ref').replace('refs/heads/', '');
  const sha = shaOf(forge.home.folder, `refs/heads/${ref}`);
  if (sha === null) throw new Refusal(422, `No ref found for: ${ref}`);
  const inputs = body.inputs ?? {};
  emit(
    forge,
    defaultBranchTrigger(forge, 'workflow_dispatch', {
      payload: { inputs, ref: `refs/heads/${ref}`, workflow: `.github/workflows/${file}` },
      sha,
      files: sha,
      ref: `refs/heads/${ref}`,
      head: { sha, branch: ref, repository: forge.home.fullName },
      actor: token.login,
    }),
  );
  return { status: 204 };
}

function dispatchRepository({ forge, body, token }: ApiRequest): Answer {
  const action = text(body, 'event_type');
  const client_payload = body.client_payload ?? {};
  if (action.length > 100) throw new Refusal(422, 'event_type is too long');
  if (Object.keys(client_payload).length > 10)
    throw new Refusal(422, 'No more than 10 properties are allowed; 11 were supplied.');
  const payload = { action, branch: forge.home.defaultBranch, client_payload };
  const more = { action, payload, actor: token.login };
  emit(forge, defaultBranchTrigger(forge, 'repository_dispatch', more));
  return { status: 204 };
}

function runOf({ forge, params }: ApiRequest): Run {
  return found(forge.runs.find(({ id }) => id === Number(params.run_id)));
}

function artifactOf({ forge, params }: ApiRequest): Artifact {
  return found(forge.artifacts.find(({ id }) => id === Number(params.artifact_id)));
}

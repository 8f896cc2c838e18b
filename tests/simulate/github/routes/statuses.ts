import { shaOf } from '../git.ts';
import { type CheckRun, type Forge, nextId, record, type Status } from '../state.ts';
import { type Answer, type ApiRequest, found, Refusal, type Route, text } from './route.ts';

const home = '/repos/{owner}/{repo}';
const states = ['error', 'failure', 'pending', 'success'] as const;

/** Commit statuses, check runs, and what the ruleset asks of a branch. */
export const statusRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: `${home}/statuses/{sha}`,
    scopes: ['statuses'],
    access: 'write',
    handle: createStatus,
  },
  {
    method: 'GET',
    path: `${home}/commits/{ref}/statuses`,
    scopes: ['statuses'],
    access: 'read',
    handle: (request) => ({
      status: 200,
      paged: true,
      body: statusesOf(request).map((status) => render(request.forge, status)),
    }),
  },
  {
    method: 'GET',
    path: `${home}/commits/{ref}/status`,
    scopes: ['statuses'],
    access: 'read',
    handle: combined,
  },
  {
    method: 'GET',
    path: `${home}/commits/{ref}/check-runs`,
    scopes: ['checks'],
    access: 'read',
    handle: listChecks,
  },
  {
    method: 'POST',
    path: `${home}/check-runs`,
    scopes: ['checks'],
    access: 'write',
    handle: createCheck,
  },
  {
    method: 'PATCH',
    path: `${home}/check-runs/{check_run_id}`,
    scopes: ['checks'],
    access: 'write',
    handle: updateCheck,
  },
  {
    method: 'GET',
    path: `${home}/rules/branches/{branch}`,
    scopes: [],
    access: 'read',
    handle: rules,
  },
];

function createStatus({ forge, repository, params, body, token }: ApiRequest): Answer {
  const sha = params.sha ?? '';
  if (shaOf(repository.folder, sha) !== sha)
    throw new Refusal(422, `No commit found for SHA: ${sha}`);
  const state = states.find((one) => one === body.state);
  if (!state) throw new Refusal(422, 'Validation Failed', [{ field: 'state', code: 'invalid' }]);
  const description = body.description ? text(body, 'description') : null;
  if (description && description.length > 140) {
    const message = 'description is too long (maximum is 140 characters)';
    throw new Refusal(422, 'Validation Failed', [{ field: 'description', message }]);
  }
  const context = body.context ? text(body, 'context') : 'default';
  const target_url = body.target_url ? text(body, 'target_url') : null;
  const id = nextId(forge);
  const status = { id, sha, context, state, description, target_url, creator: token.login };
  forge.statuses.push(status);
  const pull = forge.pulls.find(({ head }) => head.sha === sha)?.number;
  const line = `${context}: ${state} on ${sha.slice(0, 7)}${description ? ` — ${description}` : ''}`;
  record(forge, 'status', line, pull === undefined ? {} : { pull });
  return { status: 201, body: render(forge, status) };
}

/** Newest first, as GitHub lists them. */
function statusesOf({ forge, repository, params }: ApiRequest): Status[] {
  const sha = found(shaOf(repository.folder, params.ref ?? ''));
  return forge.statuses.filter((status) => status.sha === sha).reverse();
}

function combined(request: ApiRequest): Answer {
  const newest = new Map<string, Status>();
  for (const status of [...statusesOf(request)].reverse()) newest.set(status.context, status);
  const statuses = [...newest.values()];
  const bad = statuses.some(({ state }) => state === 'failure' || state === 'error');
  const waiting = statuses.length === 0 || statuses.some(({ state }) => state === 'pending');
  const sha = shaOf(request.repository.folder, request.params.ref ?? '');
  const body = {
    sha,
    state: bad ? 'failure' : waiting ? 'pending' : 'success',
    total_count: statuses.length,
    statuses: statuses.map((status) => render(request.forge, status)),
  };
  return { status: 200, body };
}

function render(forge: Forge, status: Status): Record<string, unknown> {
  const { id, context, state, description, target_url, creator } = status;
  const url = `${forge.url}/repos/${forge.home.fullName}/statuses/${status.sha}`;
  return { id, context, state, description, target_url, url, creator: { login: creator } };
}

function listChecks({ forge, repository, params }: ApiRequest): Answer {
  const sha = found(shaOf(repository.folder, params.ref ?? ''));
  const checks = forge.checkRuns.filter((check) => check.sha === sha);
  const body = { total_count: checks.length, check_runs: checks.map(renderCheck) };
  return { status: 200, paged: true, body };
}

function createCheck({ forge, body }: ApiRequest): Answer {
  const done = body.status === 'completed' || body.conclusion !== undefined;
  const check: CheckRun = {
    id: nextId(forge),
    sha: text(body, 'head_sha'),
    name: text(body, 'name'),
    status: done ? 'completed' : 'in_progress',
    conclusion: conclusionOf(body.conclusion),
    counts: false,
  };
  forge.checkRuns.push(check);
  return { status: 201, body: renderCheck(check) };
}

function updateCheck({ forge, params, body }: ApiRequest): Answer {
  const check = found(forge.checkRuns.find(({ id }) => id === Number(params.check_run_id)));
  if (body.conclusion !== undefined) {
    check.status = 'completed';
    check.conclusion = conclusionOf(body.conclusion);
  }
  return { status: 200, body: renderCheck(check) };
}

function conclusionOf(value: unknown): CheckRun['conclusion'] {
  return (
    (['success', 'failure', 'cancelled', 'skipped'] as const).find((one) => one === value) ?? null
  );
}

function renderCheck(check: CheckRun): Record<string, unknown> {
  const { id, sha, name, status, conclusion } = check;
  return { id, head_sha: sha, name, status, conclusion };
}

function rules({ forge, params }: ApiRequest): Answer {
  const required = params.branch === forge.home.defaultBranch ? forge.settings.required : null;
  if (required === null) return { status: 200, body: [] };
  const checks = required.map((context) => ({ context }));
  const parameters = {
    required_status_checks: checks,
    strict_required_status_checks_policy: false,
  };
  const body = [{ type: 'required_status_checks', parameters, ruleset_id: 1 }];
  return { status: 200, body };
}

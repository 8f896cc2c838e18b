import { shaOf } from '../git.ts';
import { type Deployment, nextId, record } from '../state.ts';
import { type Answer, type ApiRequest, found, Refusal, type Route, text } from './route.ts';

const home = '/repos/{owner}/{repo}/deployments';
const scopes = ['deployments'];

/** Deployments and their statuses. */
export const deploymentRoutes: readonly Route[] = [
  { method: 'GET', path: home, scopes, access: 'read', handle: list },
  { method: 'POST', path: home, scopes, access: 'write', handle: create },
  {
    method: 'POST',
    path: `${home}/{deployment_id}/statuses`,
    scopes,
    access: 'write',
    handle: setState,
  },
];

function list({ forge, query }: ApiRequest): Answer {
  const environment = query.get('environment');
  const wanted = forge.deployments.filter(
    (deployment) => environment === null || deployment.environment === environment,
  );
  return { status: 200, paged: true, body: [...wanted].reverse().map(render) };
}

function create({ forge, repository, body }: ApiRequest): Answer {
  const ref = text(body, 'ref');
  const sha = shaOf(repository.folder, ref) ?? shaOf(repository.folder, `refs/heads/${ref}`);
  if (sha === null) throw new Refusal(422, `No ref found for: ${ref}`);
  const environment = typeof body.environment === 'string' ? body.environment : 'production';
  const deployment = { id: nextId(forge), environment, sha, ref, state: 'pending', url: null };
  forge.deployments.push(deployment);
  return { status: 201, body: render(deployment) };
}

function setState({ forge, params, body }: ApiRequest): Answer {
  const deployment = found(forge.deployments.find(({ id }) => id === Number(params.deployment_id)));
  deployment.state = text(body, 'state');
  record(forge, 'deployment', `${deployment.environment}: ${deployment.state}`);
  const { state, environment } = deployment;
  return { status: 201, body: { id: nextId(forge), state, environment } };
}

function render(deployment: Deployment): Record<string, unknown> {
  const { id, environment, sha, ref } = deployment;
  return { id, environment, sha, ref, task: 'deploy' };
}

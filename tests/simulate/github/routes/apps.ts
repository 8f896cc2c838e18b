import type { Access, Permissions } from '../state.ts';
import { issueToken } from '../tokens.ts';
import { type Answer, type ApiRequest, Refusal, type Route } from './route.ts';

const installation = 4711;

/** Where an app is installed, and the tokens that it gets there. Only what it signed itself opens these. */
export const appRoutes: readonly Route[] = [
  {
    ...{ method: 'GET', scopes: [], access: 'read' },
    path: '/repos/{owner}/{repo}/installation',
    handle: readInstallation,
  },
  {
    ...{ method: 'POST', scopes: [], access: 'write' },
    path: '/app/installations/{installation_id}/access_tokens',
    handle: createToken,
  },
];

function assertSigned({ token }: ApiRequest): void {
  if (token.kind !== 'signed') throw new Refusal(401, 'A JSON web token could not be decoded');
}

function readInstallation(request: ApiRequest): Answer {
  assertSigned(request);
  return { status: 200, body: { id: installation } };
}

function createToken(request: ApiRequest): Answer {
  assertSigned(request);
  const { forge, params, body } = request;
  const { app } = forge.settings;
  if (!app || Number(params.installation_id) !== installation) throw new Refusal(404, 'Not Found');
  const asked = permissionsOf(body.permissions) ?? app.permissions;
  for (const [scope, access] of Object.entries(asked))
    if (app.permissions[scope] !== 'write' && app.permissions[scope] !== access)
      throw new Refusal(422, 'The permissions requested are not granted to this installation.');
  const repository = forge.home.fullName;
  const login = `${app.slug}[bot]`;
  const { value } = issueToken(forge, { kind: 'app', login, permissions: asked, repository });
  const expires = new Date(Date.now() + 3_600_000).toISOString();
  return { status: 201, body: { token: value, expires_at: expires, permissions: asked } };
}

/** GitHub writes scopes with underscores here. */
function permissionsOf(asked: unknown): Permissions | null {
  if (typeof asked !== 'object' || asked === null) return null;
  const entries = Object.entries(asked as Record<string, Access>);
  return Object.fromEntries(entries.map(([scope, access]) => [scope.replaceAll('_', '-'), access]));
}

import { issueToken } from '../../github/start-github.ts';
import type { Permissions } from '../../github/state.ts';
import { input, type ThirdPartyCall } from './equivalent.ts';

/** actions/create-github-app-token v3: a token of the installed app, revoked when the job ends. */
export async function createAppToken(call: ThirdPartyCall): Promise<void> {
  const { host, outputs, log } = call;
  const { app } = host.forge.settings;
  const id = input(call, 'client-id') || input(call, 'app-id');
  if (!app || app.clientId !== id || app.privateKey !== input(call, 'private-key')) {
    throw new Error('A JSON web token could not be decoded');
  }
  const token = issueToken(host.forge, {
    kind: 'app',
    login: `${app.slug}[bot]`,
    permissions: asked(call, app.permissions),
    repository: host.forge.home.fullName,
  });
  host.masks.add(token.value);
  outputs.token = token.value;
  outputs['app-slug'] = app.slug;
  host.posts.push({
    name: 'Post actions/create-github-app-token',
    run: async () => void host.forge.tokens.delete(token.value),
  });
  log(`Token of ${app.slug} created\n`);
}

/** `permission-…` inputs narrow what the app may do. @throws Error for more than it has */
function asked({ inputs }: ThirdPartyCall, installed: Permissions): Permissions {
  const named = Object.entries(inputs).flatMap(([name, access]) => {
    const scope = /^permission-(.+)$/.exec(name)?.[1];
    return scope ? [[scope, access === 'write' ? 'write' : 'read'] as const] : [];
  });
  const beyond = named.find(
    ([scope, access]) => installed[scope] !== 'write' && installed[scope] !== access,
  );
  if (beyond) throw new Error(`The permissions requested are not granted: ${beyond.join(': ')}`);
  return named.length > 0 ? Object.fromEntries(named) : installed;
}

import { randomBytes } from 'node:crypto';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import { debianRegistry, goRegistry, type Installable } from '../../helpers/servers.ts';
import { type Forge, type Package, record, type Token } from './state.ts';

/** The forge's registry while it runs. */
export interface ForgeRegistry {
  /** Host and port, as they stand in an address. */
  readonly host: string;
  close(): Promise<void>;
}

/** The real registry that keeps the packages; undefined where `npm run test:setup` has put none. */
export const registryServer: Installable | undefined = [goRegistry, debianRegistry].find(
  ({ found }) => found,
);

type Action = 'pull' | 'push';

/** What a token of the registry allows. */
interface Grant {
  readonly name: string;
  readonly actions: readonly Action[];
  readonly holder: Token;
}

interface Front {
  readonly forge: Forge;
  readonly upstream: URL;
  readonly grants: Map<string, Grant>;
  host: string;
}

/**
 * Starts a stand-in of ghcr.io: a real registry behind GitHub's rules. Nobody reads or writes without a token of the
 * registry, which GitHub's own tokens are exchanged for; a job gets what its permission "packages" says, for packages that are
 * linked to its repository; the first push makes a package, and a job's links it. There is no list of referrers, and clients
 * delete nothing.
 *
 * @throws Error where no registry is installed
 */
export async function startRegistry(forge: Forge): Promise<ForgeRegistry> {
  if (!registryServer) throw new Error('No registry is installed: run "npm run test:setup".');
  const behind = await registryServer.start();
  const front: Front = { forge, upstream: new URL(behind.url), grants: new Map(), host: '' };
  const server = createServer((incoming, answer) => handle(front, incoming, answer));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  front.host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const close = async () => {
    server.close();
    server.closeAllConnections();
    await behind.stop();
  };
  return { host: front.host, close };
}

function handle(front: Front, incoming: IncomingMessage, answer: ServerResponse): void {
  const url = new URL(incoming.url ?? '/', `http://${front.host}`);
  if (url.pathname === '/token') giveToken(front, url, incoming, answer);
  else answerStore(front, url, incoming, answer);
}

function answerStore(
  front: Front,
  { pathname }: URL,
  incoming: IncomingMessage,
  answer: ServerResponse,
): void {
  const [, name = '', kind] =
    /^\/v2\/(.+)\/(blobs|manifests|tags|referrers)\//.exec(pathname) ?? [];
  const method = incoming.method ?? 'GET';
  const action = method === 'GET' || method === 'HEAD' ? 'pull' : 'push';
  const grant = front.grants.get(incoming.headers.authorization?.replace(/^bearer /i, '') ?? '');
  if (name === '' || grant?.name !== name || !grant.actions.includes(action)) {
    refuse(answer, 401, challengeOf(front, { name, action }));
  } else if (kind === 'referrers') {
    refuse(answer, 404);
  } else if (method === 'DELETE') {
    refuse(answer, 405);
  } else {
    pass(front, incoming, answer, (status) => {
      if (method === 'PUT' && kind === 'manifests' && status < 300) keepPackage(front, grant);
    });
  }
}

function challengeOf({ host }: Front, { name, action }: { name: string; action: Action }) {
  const scope = name === '' ? '' : `,scope="repository:${name}:${action}"`;
  return { 'www-authenticate': `Bearer realm="http://${host}/token",service="ghcr.io"${scope}` };
}

function refuse(answer: ServerResponse, status: number, headers = {}, message = 'denied'): void {
  answer.writeHead(status, { 'content-type': 'application/json', ...headers });
  answer.end(JSON.stringify({ errors: [{ code: 'DENIED', message }] }));
}

/** Exchanges a token of GitHub, given as a password, for one of the registry; all that is asked for, or nothing. */
function giveToken(
  front: Front,
  { searchParams }: URL,
  incoming: IncomingMessage,
  answer: ServerResponse,
): void {
  const scope = /^repository:([^:]+):([a-z,]+)$/.exec(searchParams.get('scope') ?? '');
  const [, name = '', asked = ''] = scope ?? [];
  const holder = holderOf(front.forge, incoming.headers);
  // Nobody is given the right to delete, and asking for it is no fault.
  const actions = asked.split(',').filter((one): one is Action => one === 'pull' || one === 'push');
  const why = actions.map((action) => refusal(front.forge, holder, name, action)).find(Boolean);
  if (why || !holder || actions.length === 0) {
    // Whether something is there to be read is a question that every run asks.
    if (holder && actions.includes('push'))
      record(front.forge, 'refused', `${asked} ${name} by ${holder.login}: 403 ${why}`);
    refuse(answer, 403, {}, why ?? denied);
    return;
  }
  const token = randomBytes(18).toString('hex');
  front.grants.set(token, { name, actions, holder });
  answer.writeHead(200, { 'content-type': 'application/json' });
  answer.end(JSON.stringify({ token, expires_in: 300 }));
}

function holderOf(forge: Forge, { authorization = '' }: IncomingHttpHeaders): Token | undefined {
  const text = Buffer.from(authorization.replace(/^basic /i, ''), 'base64').toString();
  return forge.tokens.get(text.slice(text.indexOf(':') + 1));
}

const denied = 'requested access to the resource is denied';

/** Why a token may not do that, in the words of ghcr.io; undefined if it may. */
function refusal(
  forge: Forge,
  holder: Token | undefined,
  name: string,
  action: Action,
): string | undefined {
  const denied = 'requested access to the resource is denied';
  const known = forge.packages.get(name);
  if (!holder) return denied;
  const { permissions, repository, login } = holder;
  const owner = name.split('/')[0];
  if (permissions === 'all') return owner === login.toLowerCase() ? undefined : denied;
  const may = { pull: ['read', 'write'], push: ['write'] }[action];
  const allowed = may.includes(permissions.packages ?? '');
  if (!known) {
    const makes = permissions.packages === 'write';
    return makes && owner === repository?.split('/')[0]?.toLowerCase() ? undefined : denied;
  }
  const linked = known.repository === repository;
  const right = { pull: 'read', push: 'write' }[action];
  return allowed && linked ? undefined : `permission_denied: ${right}_package`;
}

/** A package is linked to the repository whose job made it; one that a person pushed is linked to none. */
function keepPackage({ forge }: Front, { name, holder }: Grant): void {
  if (forge.packages.has(name)) return;
  const made: Package = { name, repository: holder.repository };
  forge.packages.set(name, made);
  const link = made.repository ? `, linked to ${made.repository}` : '';
  record(forge, 'package', `${holder.login} makes the package ${name}${link}`);
}

function pass(
  { upstream }: Front,
  incoming: IncomingMessage,
  answer: ServerResponse,
  done: (status: number) => void,
): void {
  const { authorization: _, ...headers } = incoming.headers;
  const { method, url: path } = incoming;
  const to = { host: upstream.hostname, port: upstream.port, method, path, headers };
  const outgoing = request(to, (reply) => {
    const { 'oci-subject': __, ...shown } = reply.headers;
    done(reply.statusCode ?? 502);
    answer.writeHead(reply.statusCode ?? 502, shown);
    reply.pipe(answer);
  });
  outgoing.on('error', () => answer.destroy());
  incoming.pipe(outgoing);
}

import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { nullable } from '../../platform/schemas/index.ts';
import type { AccessKey } from '../../platform/schemas/keys-file.ts';
import type { Access } from '../access/access.ts';
import { readSessionCookie, renderSessionCookie } from '../access/cookies.ts';
import { isCrossSite } from '../access/origin.ts';
import { claimOf } from '../plugins/access.ts';
import { problems } from '../schemas.ts';
import type { App, Services } from '../services.ts';

/** What the page knows about its visitor. */
const Session = Type.Object({
  required: Type.Boolean({ description: 'whether a key is needed at all' }),
  name: nullable(Type.String({ description: "the key's name; null if nobody is logged in" })),
  scopes: Type.Array(Type.String()),
});

const Login = Type.Object({ key: Type.String({ minLength: 1, maxLength: 200 }) });

const tags = ['access'];

/** `/session`: the page's login. A key is exchanged for a cookie, so that no script can read the key afterwards. */
export function sessionRoutes(app: App, { access }: Services, now: () => Date): void {
  app.get(
    '/session',
    { schema: { summary: 'Who is logged in', tags, response: { 200: Session } } },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const { required } = access;
      const caller = required ? await access.identify(claimOf(request)).catch(ignoreRefusal) : null;
      return { required, name: caller?.name ?? null, scopes: [...(caller?.scopes ?? [])] };
    },
  );

  app.post(
    '/session',
    {
      schema: {
        summary: 'Log in with a key',
        tags,
        body: Login,
        response: { 200: Session, ...problems },
      },
      onRequest: async (request, reply) => assertMayTry(access, request, reply),
    },
    async (request, reply) => {
      const key = checkKey(access, request.body.key, request.ip);
      const { value, seconds } = access.sessions.create(key, now().getTime());
      const cookie = renderSessionCookie(value, seconds, request.protocol === 'https');
      reply.header('set-cookie', cookie).header('cache-control', 'no-store');
      return { required: access.required, name: key.name, scopes: key.scopes };
    },
  );

  app.delete(
    '/session',
    { schema: { summary: 'Log out', tags, response: { 204: Type.Null(), ...problems } } },
    async (request, reply) => {
      if (isCrossSite(request.headers)) throw new MainstemError('REQUEST_CROSS_SITE');
      const isSecure = request.protocol === 'https';
      const value = readSessionCookie(request.headers.cookie, isSecure);
      if (value !== null)
        await access.sessions.end(value, now().getTime()).catch((error: unknown) => {
          request.log.error(error, 'a session has ended in this process only');
        });
      const cookie = renderSessionCookie('', 0, isSecure);
      return reply.code(204).header('set-cookie', cookie).send(null);
    },
  );
}

/** Before the body is read. Otherwise another site could log its visitors in here, or try keys through them. */
function assertMayTry(access: Access, request: FastifyRequest, reply: FastifyReply): void {
  if (isCrossSite(request.headers)) throw new MainstemError('REQUEST_CROSS_SITE');
  const seconds = access.loginLimit.wait(request.ip, performance.now());
  if (seconds === 0) return;
  reply.header('retry-after', String(seconds));
  throw new MainstemError('ACCESS_LOGIN_LIMIT', { seconds });
}

function checkKey(access: Access, text: string, address: string): AccessKey {
  try {
    return access.check(text.trim());
  } catch (error) {
    access.loginLimit.fail(address, performance.now());
    throw error;
  }
}

function ignoreRefusal(error: unknown): null {
  if (isMainstemError(error)) return null;
  throw error;
}

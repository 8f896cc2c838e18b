import { Type } from 'typebox';
import { Check } from 'typebox/value';
import { webAddress } from '../../../lib/fetch-failure.ts';
import { fetchAgain, type Patience, type Request } from '../http/fetch-again.ts';
import { type Challenge, parseChallenge } from './challenge.ts';
import { type Credentials, findCredentials } from './credentials.ts';
import { readReason } from './refused.ts';

/** What a request is going to do; a token is asked for no more than that. */
export type Access = 'pull' | 'pull,push' | 'pull,push,delete';

/** The registry and the repository in it. */
export interface RegistryPlace {
  readonly base: URL;
  /** For example `jen/pumpkins/store`. */
  readonly repository: string;
}

/** Sends requests with the authorization that the registry demands. */
export type Send = (access: Access, url: URL, request?: Request) => Promise<Response>;

const TokenAnswer = Type.Object({
  token: Type.Optional(Type.String()),
  access_token: Type.Optional(Type.String()),
  expires_in: Type.Optional(Type.Number()),
});
const defaultLifeS = 60;
/** A token is replaced so long before it ends. */
const marginMs = 10_000;

interface Token {
  readonly value: string;
  readonly until: number;
}

/**
 * Follows the distribution specification: the first request goes without credentials; the registry's challenge names
 * the token server, which gets the credentials and gives a token for this repository, kept until it expires. Basic
 * authorization works as well. Credentials go only to the registry and to its token server, over TLS (or this machine).
 *
 * @throws Error if the token server cannot be reached or refuses
 */
export function createSend(
  place: RegistryPlace,
  environment: Readonly<Record<string, string | undefined>>,
  limits: Patience,
): Send {
  const tokens = new Map<Access, Token>();
  let challenge: Challenge | undefined;
  let credentials: Promise<Credentials | undefined> | undefined;
  const findOnce = () => {
    credentials ??= findCredentials(place.base.host, environment);
    return credentials;
  };
  const authorization = async (access: Access): Promise<string | undefined> => {
    if (!challenge) return undefined;
    if (challenge.scheme === 'basic') return basicHeader(await findOnce());
    const known = tokens.get(access);
    if (known && known.until > Date.now()) return `Bearer ${known.value}`;
    const asked = { challenge, scope: `repository:${place.repository}:${access}` };
    const token = await fetchToken(place, asked, await findOnce(), limits);
    tokens.set(access, token);
    return `Bearer ${token.value}`;
  };
  return async (access, url, request = {}) => {
    const sendOnce = async () => {
      // An upload may continue at another host, which must not see the token.
      const own = url.origin === place.base.origin ? await authorization(access) : undefined;
      const headers = { ...request.headers, ...(own ? { authorization: own } : {}) };
      return fetchAgain(url, { ...request, headers }, limits);
    };
    const answer = await sendOnce();
    if (answer.status !== 401 || url.origin !== place.base.origin) return answer;
    const next = parseChallenge(answer.headers.get('www-authenticate'));
    const already = challenge !== undefined && !tokens.has(access);
    if (!next || already) return answer;
    challenge = next;
    tokens.delete(access);
    await answer.body?.cancel();
    return sendOnce();
  };
}

function basicHeader(credentials: Credentials | undefined): string | undefined {
  if (!credentials || 'refreshToken' in credentials) return undefined;
  const { user, password } = credentials;
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

interface AskedToken {
  readonly challenge: Extract<Challenge, { scheme: 'bearer' }>;
  readonly scope: string;
}

async function fetchToken(
  { base }: RegistryPlace,
  { challenge, scope }: AskedToken,
  credentials: Credentials | undefined,
  limits: Patience,
): Promise<Token> {
  const realm = webAddress(challenge.realm, base, 'it names a token server');
  if (base.protocol === 'https:' && realm.protocol !== 'https:') {
    throw new Error(`it names a token server without TLS, ${realm.origin}`);
  }
  const asked = { scope, ...(challenge.service ? { service: challenge.service } : {}) };
  const hadCredentials = credentials !== undefined;
  const answer = await fetchAgain(...tokenRequest(realm, asked, credentials), limits);
  if (!answer.ok) {
    const reason = await readReason(answer);
    throw new TokenRefused(realm, answer.status, { hadCredentials, reason });
  }
  const body: unknown = await answer.json().catch(() => undefined);
  const value = Check(TokenAnswer, body) ? body.token || body.access_token : undefined;
  if (!value) throw new TokenRefused(realm, answer.status, { hadCredentials, reason: '' });
  // Anything else cannot stand in a header, and the error of who tries would show it.
  if (!/^[\x21-\x7e]+$/.test(value)) {
    throw new Error(`it gets a token from ${realm.origin} that no request can carry`);
  }
  const lifeS = Check(TokenAnswer, body) ? (body.expires_in ?? defaultLifeS) : defaultLifeS;
  return { value, until: Date.now() + lifeS * 1000 - marginMs };
}

function tokenRequest(
  realm: URL,
  asked: Readonly<Record<string, string>>,
  credentials: Credentials | undefined,
): [URL, Request] {
  if (credentials && 'refreshToken' in credentials) {
    const form = new URLSearchParams({
      ...asked,
      grant_type: 'refresh_token',
      refresh_token: credentials.refreshToken,
      client_id: 'mainstem',
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return [realm, { method: 'POST', headers, body: form.toString() }];
  }
  const url = new URL(realm);
  for (const [name, value] of Object.entries(asked)) url.searchParams.append(name, value);
  const basic = basicHeader(credentials);
  return [url, basic ? { headers: { authorization: basic } } : {}];
}

interface Refusal {
  readonly hadCredentials: boolean;
  /** The token server's own words; '' for none. */
  readonly reason: string;
}

/** The token server gave no token. */
export class TokenRefused extends Error {
  readonly status: number;

  constructor({ origin }: URL, status: number, { hadCredentials, reason }: Refusal) {
    const who = hadCredentials ? 'these credentials' : 'a visitor without credentials';
    const words = reason === '' ? '' : `: ${reason}`;
    super(`gives ${who} no token (${origin} answered ${status}${words})`);
    this.name = 'TokenRefused';
    this.status = status;
  }
}

import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { MainstemError } from '../../platform/lib/errors.ts';
import { readLimited } from '../../platform/lib/read-limited.ts';
import { type Scope, scopes } from '../../platform/schemas/access-names.ts';
import { type Caller, tokenCaller } from './caller.ts';

/** Whose tokens are accepted. */
export interface TokenRule {
  readonly issuer: string;
  readonly audience: string;
  /** Address of the issuer's public keys (JWKS). */
  readonly jwks: string;
}

/** Algorithms with a public key; a token cannot choose another. */
const algorithms = ['RS256', 'ES256', 'EdDSA', 'Ed25519'];
/** The issuer is asked again no sooner: for a key that it did not have, … */
const coolDownMs = 30_000;
/** … and after it could not be asked. */
const retryMs = 5_000;
/** A hundred keys have a tenth of it. More would be parsed while nobody is answered. */
const mostKeyBytes = 256 * 1024;
/** Clocks may differ by so much. */
const leewaySeconds = 5;

/**
 * Creates the check of JSON Web Tokens. The issuer's keys are fetched when the first token comes, kept for ten minutes, and
 * asked for earlier only if a token names another key, at most every 30 seconds; every five while they cannot be had. The address
 * is the configured one, never one that a token names.
 *
 * @param now milliseconds
 * @returns a function that gives the token's caller, or throws MainstemError ACCESS_TOKEN_INVALID, ACCESS_ISSUER_UNREACHABLE
 */
export function createTokenCheck(
  { issuer, audience, jwks }: TokenRule,
  now: () => number = () => performance.now(),
) {
  const remote = createRemoteJWKSet(new URL(jwks), {
    cooldownDuration: coolDownMs,
    cacheMaxAge: 600_000,
    timeoutDuration: 5_000,
    [customFetch]: fetchKeys,
  });
  const keys = withCoolDown(remote, now);
  const rule = { issuer, audience, algorithms, clockTolerance: leewaySeconds };
  return async (token: string): Promise<Caller> => {
    const { payload } = await jwtVerify(token, keys, { ...rule, requiredClaims: ['exp'] }).catch(
      (cause: unknown) => {
        throw translate(cause);
      },
    );
    return { name: tokenCaller, scopes: scopesOf(payload), rate: null, bySession: false };
  };
}

const fetchKeys: FetchImplementation = async (url, options) => {
  const answer = await fetch(url, options);
  const body = await readLimited(answer, mostKeyBytes);
  if (body === null) throw new Error(`the issuer sends more than ${mostKeyBytes} bytes`);
  return new Response(new Uint8Array(body), { status: answer.status });
};

/** `scope` as a list in one text (RFC 8693), or `scp` as some issuers write it. Scopes of others are left aside. */
function scopesOf({ scope, scp }: JWTPayload): ReadonlySet<Scope> {
  const named = [scope, scp]
    .flat()
    .flatMap((one) => (typeof one === 'string' ? one.split(' ') : []));
  return new Set(scopes.filter((known) => named.includes(known)));
}

const reasons: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: 'it has expired',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'its signature is not the issuer’s',
  ERR_JWKS_NO_MATCHING_KEY: 'the issuer has no such key',
  ERR_JOSE_ALG_NOT_ALLOWED: 'it is signed in a way that is not accepted',
};

/** The issuer's keys could not be had. */
class Unreachable extends Error {}

/** Fails at once for a while after the issuer could not be asked: anybody can send a token, right or wrong. */
function withCoolDown(remote: JWTVerifyGetKey, now: () => number): JWTVerifyGetKey {
  let failed: { readonly at: number; readonly error: Unreachable } | null = null;
  return async (header, token) => {
    if (failed && now() - failed.at < retryMs) throw failed.error;
    try {
      const key = await remote(header, token);
      failed = null;
      return key;
    } catch (cause) {
      if (isFault(cause)) throw cause;
      failed = { at: now(), error: new Unreachable('the issuer cannot be asked', { cause }) };
      throw failed.error;
    }
  };
}

function translate(cause: unknown): MainstemError {
  if (cause instanceof Unreachable)
    return new MainstemError('ACCESS_ISSUER_UNREACHABLE', {}, { cause });
  return new MainstemError('ACCESS_TOKEN_INVALID', { reason: reasonOf(cause) }, { cause });
}

function reasonOf(cause: unknown): string {
  if (cause instanceof errors.JWTClaimValidationFailed)
    return `its claim "${cause.claim}" is not as expected`;
  // The issuer's key cannot be used, because it is too short, for example.
  if (!(cause instanceof errors.JOSEError)) return 'its key is not accepted';
  return reasons[cause.code] ?? 'it is not a signed token';
}

/** Whether the token is at fault, not the way to the issuer: of that the library says "timeout", or nothing special. */
function isFault(cause: unknown): boolean {
  const way = ['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC'];
  return cause instanceof errors.JOSEError && !way.includes(cause.code);
}

import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { MainstemError } from '../../platform/lib/errors.ts';
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
/** Clocks may differ by so much. */
const leewaySeconds = 5;

/**
 * Creates the check of JSON Web Tokens. The issuer's keys are fetched when the first token comes, kept for ten minutes, and
 * asked for earlier only if a token names another key, at most every 30 seconds. The address is the configured one, never
 * one that a token names.
 *
 * @returns a function that gives the token's caller, or throws MainstemError ACCESS_TOKEN_INVALID, ACCESS_ISSUER_UNREACHABLE
 */
export function createTokenCheck({ issuer, audience, jwks }: TokenRule) {
  const keys = createRemoteJWKSet(new URL(jwks), {
    cooldownDuration: 30_000,
    cacheMaxAge: 600_000,
    timeoutDuration: 5_000,
  });
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

function translate(cause: unknown): MainstemError {
  if (isFault(cause)) {
    const reason =
      cause instanceof errors.JWTClaimValidationFailed
        ? `its claim "${cause.claim}" is not as expected`
        : (reasons[cause.code] ?? 'it is not a signed token');
    return new MainstemError('ACCESS_TOKEN_INVALID', { reason }, { cause });
  }
  return new MainstemError('ACCESS_ISSUER_UNREACHABLE', {}, { cause });
}

/** Whether the token is at fault, not the way to the issuer: of that the library says "timeout", or nothing special. */
function isFault(cause: unknown): cause is errors.JOSEError {
  const way = ['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC'];
  return cause instanceof errors.JOSEError && !way.includes(cause.code);
}

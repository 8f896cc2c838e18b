import type { IncomingHttpHeaders } from 'node:http';
import { resolve } from 'node:path';
import { isWholeAccessKey } from '../../platform/lib/access-key.ts';
import { MainstemError } from '../../platform/lib/errors.ts';
import { keyPrefix } from '../../platform/lib/key-prefix.ts';
import type { AccessKey } from '../../platform/schemas/keys-file.ts';
import { type Config, isLoopback } from '../config.ts';
import { type Caller, callerOf } from './caller.ts';
import { readSessionCookie } from './cookies.ts';
import { openEndedSessions } from './ended-sessions.ts';
import { type Keys, type KeysReporter, openKeys } from './keys.ts';
import { createLoginLimit, type LoginLimit } from './login-limit.ts';
import { isSameOrigin } from './origin.ts';
import { createRates, type Rates } from './rates.ts';
import { createSessions, type Sessions } from './sessions.ts';

/** The part of a request by which its sender is known. */
export interface Claim {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Over TLS, as far as this server knows: a declared proxy says so. */
  readonly isSecure: boolean;
}

/** Who may call a server. */
export interface Access {
  /** Whether callers must say who they are. */
  readonly required: boolean;
  readonly keys: Keys;
  readonly rates: Rates;
  readonly sessions: Sessions;
  readonly loginLimit: LoginLimit;
  /**
   * The sender of a request.
   *
   * @throws MainstemError ACCESS_KEY_MISSING, ACCESS_KEY_UNKNOWN, ACCESS_KEY_EXPIRED, ACCESS_TOKEN_INVALID,
   *   ACCESS_ISSUER_UNREACHABLE, REQUEST_CROSS_SITE
   */
  identify(claim: Claim): Promise<Caller>;
  /** The key of this text. @throws MainstemError ACCESS_KEY_UNKNOWN, ACCESS_KEY_EXPIRED */
  check(text: string): AccessKey;
  /** Looks at files no longer. */
  close(): void;
}

/**
 * Opens the access of a server. Keys are asked for where there is a keys file, where tokens are set up, or where the
 * settings say so; without any of them a server answers everybody on loopback, and nowhere else unless it was told to.
 *
 * @throws MainstemError ACCESS_KEYS_REQUIRED, FILE_UNREADABLE, JSON_INVALID, KEYS_FILE_WRITABLE
 */
export async function openAccess(
  config: Config,
  now: () => Date,
  reporter: KeysReporter,
): Promise<Access> {
  const path = resolve(config.root, config.keys);
  const keys = await openKeys(path, reporter);
  const checkToken = config.jwtIssuer === '' ? null : await openTokenCheck(config);
  const isRequired = () =>
    config.access === 'keys' || (config.access === 'auto' && (keys.known || checkToken !== null));
  assertGuarded(config, path, keys.known || checkToken !== null);
  // Without a secret no other process knows this one's cookies.
  const ended = await openEndedSessions(
    config.sessionSecret === '' ? null : resolve(config.root, config.endedSessions),
  );
  const sessions = createSessions(config.sessionSecret, keys.named, ended);
  const check = (text: string) => assertValid(text, keys.find(text), now());

  const bySession = ({ method, headers, isSecure }: Claim): Caller | null => {
    const cookie = readSessionCookie(headers.cookie, isSecure);
    const key = cookie && sessions.find(cookie, now().getTime());
    if (!key) return null;
    const changes = method !== 'GET' && method !== 'HEAD';
    if (changes && !isSameOrigin(headers)) throw new MainstemError('REQUEST_CROSS_SITE');
    return callerOf(key, true);
  };

  return {
    get required() {
      return isRequired();
    },
    ...{ keys, sessions, check, rates: createRates(), loginLimit: createLoginLimit() },
    close() {
      keys.close();
      ended.close();
    },
    async identify(claim) {
      const text = bearerOf(claim.headers);
      if (text === null) {
        const caller = bySession(claim);
        if (caller) return caller;
        throw new MainstemError('ACCESS_KEY_MISSING');
      }
      if (text === '') throw new MainstemError('ACCESS_KEY_UNKNOWN', { reason: notBearer });
      if (checkToken && isToken(text)) return checkToken(text);
      return callerOf(check(text), false);
    },
  };
}

/** Behind a declared proxy a server on loopback is reached from elsewhere, too. */
function assertGuarded({ access, host, proxies }: Config, path: string, isGuarded: boolean): void {
  const isOwn = isLoopback(host) && proxies === '';
  if (isGuarded || access === 'open' || (access === 'auto' && isOwn)) return;
  throw new MainstemError('ACCESS_KEYS_REQUIRED', { host, path });
}

async function openTokenCheck({ jwtIssuer: issuer, jwtAudience: audience, jwks }: Config) {
  // Loaded here, because most servers take no tokens, and the library takes some 70 ms to load.
  const { createTokenCheck } = await import('./tokens.ts');
  return createTokenCheck({ issuer, audience, jwks });
}

const notBearer = 'the header Authorization does not say "Bearer <key>"';

/** The credentials of a request; null if it has none, empty if they are of no kind that counts here. */
function bearerOf({ authorization }: IncomingHttpHeaders): string | null {
  if (authorization === undefined) return null;
  return /^bearer +(\S+) *$/i.exec(authorization)?.[1] ?? '';
}

const isToken = (text: string) => !text.startsWith(keyPrefix) && text.split('.').length === 3;

function assertValid(text: string, key: AccessKey | null, now: Date): AccessKey {
  if (!key) {
    const reason = isWholeAccessKey(text)
      ? 'it is not, or no longer, one of this server’s'
      : 'it is not a whole key';
    throw new MainstemError('ACCESS_KEY_UNKNOWN', { reason });
  }
  const { name, expiresAt } = key;
  if (expiresAt !== null && Date.parse(expiresAt) <= now.getTime())
    throw new MainstemError('ACCESS_KEY_EXPIRED', { name, at: expiresAt });
  return key;
}

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { AccessKey } from '../../platform/schemas/keys-file.ts';
import type { EndedSessions } from './ended-sessions.ts';

/** Logins of the page. */
export interface Sessions {
  /** Begins a session of a key's holder. */
  create(key: AccessKey, nowMs: number): { readonly value: string; readonly seconds: number };
  /** The key of a session that is going on; null for anything else. */
  find(value: string, nowMs: number): AccessKey | null;
  /**
   * Ends a session before it expires; whatever else is given is left aside.
   *
   * @throws NodeJS.ErrnoException where only this process can know of it
   */
  end(value: string, nowMs: number): Promise<void>;
}

const longestMs = 12 * 3_600_000;

/** What a cookie holds, before its signature. */
interface Ticket {
  readonly name: string;
  readonly id: string;
  readonly expires: number;
}

/**
 * Creates the sessions. A session is a signed cookie, so that several servers with one secret know it, and none keeps a
 * list of those that go on. Its signature covers the key's digest: a key that is revoked or replaced ends its sessions.
 *
 * @param secret signs the cookies; '' makes one that ends with this process
 * @param keyNamed the key with a name, as it is now
 */
export function createSessions(
  secret: string,
  keyNamed: (name: string) => AccessKey | null,
  ended: EndedSessions,
): Sessions {
  const signer = secret === '' ? randomBytes(32) : secret;
  const sign = (payload: string, { digest }: AccessKey) =>
    createHmac('sha256', signer).update(`${payload} ${digest}`).digest();
  const open = (value: string, nowMs: number) => {
    const [payload = '', signature = ''] = value.split('.');
    const ticket = parseTicket(payload);
    const key = ticket && keyNamed(ticket.name);
    if (!key || ended.has(ticket.id) || ticket.expires <= nowMs) return null;
    const isOurs = isEqual(Buffer.from(signature, 'base64url'), sign(payload, key));
    return isOurs ? { key, ticket } : null;
  };
  return {
    create(key, nowMs) {
      const end = key.expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(key.expiresAt);
      const expires = Math.min(nowMs + longestMs, end);
      const ticket = { name: key.name, id: randomBytes(16).toString('base64url'), expires };
      const payload = Buffer.from(JSON.stringify(ticket)).toString('base64url');
      const value = `${payload}.${sign(payload, key).toString('base64url')}`;
      return { value, seconds: Math.floor((expires - nowMs) / 1000) };
    },
    find: (value, nowMs) => open(value, nowMs)?.key ?? null,
    async end(value, nowMs) {
      const found = open(value, nowMs);
      if (found) await ended.add(found.ticket, nowMs);
    },
  };
}

function parseTicket(payload: string): Ticket | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return isTicket(value) ? value : null;
  } catch {
    return null;
  }
}

/** By hand, because it is asked for each request of the page: a schema takes 0.4 ms. */
function isTicket(value: unknown): value is Ticket {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'id' in value &&
    typeof value.id === 'string' &&
    'expires' in value &&
    typeof value.expires === 'number'
  );
}

function isEqual(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

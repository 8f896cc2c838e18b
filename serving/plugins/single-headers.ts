import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MainstemError } from '../../platform/lib/errors.ts';
import { atOnce } from './at-once.ts';

/** Headers that mean one thing: a proxy may have taken the last one where Node takes the first. */
const single = new Set(['host', 'content-type', 'content-encoding', 'authorization']);

/** Refuses requests that say twice what may be said once (RFC 9110, section 5.3; of Host RFC 9112, section 3.2). */
export function addSingleHeaders(app: FastifyInstance): void {
  const check = ({ raw }: FastifyRequest) => {
    const name = findRepeated(raw.rawHeaders);
    if (name === null) return;
    throw new MainstemError('REQUEST_INVALID', { reason: `it has several ${name} headers` });
  };
  app.addHook('onRequest', atOnce(check));
}

/**
 * The first header that is there more often than it may be, in lower case; null if there is none.
 *
 * @param raw names and values in turn, as they were sent
 * @example findRepeated(['Host', 'a', 'HOST', 'b']) // 'host'
 */
export function findRepeated(raw: readonly string[]): string | null {
  const seen = new Set<string>();
  for (let at = 0; at < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase();
    if (!single.has(name)) continue;
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return null;
}

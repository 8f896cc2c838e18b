import { isIPv4 } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MainstemError } from '../../platform/lib/errors.ts';
import { shorten } from '../../platform/lib/text.ts';
import { atOnce } from './at-once.ts';

/**
 * Refuses requests for other hosts. A server that listens on loopback answers loopback names only: otherwise any web
 * site could point its own name at 127.0.0.1 and read the answers in its visitors' browsers (DNS rebinding).
 */
export function addHostCheck(
  app: FastifyInstance,
  config: { readonly host: string; readonly hosts: string },
): void {
  const accepts = createHostCheck(config);
  const check = ({ headers, raw }: FastifyRequest) => {
    const { host } = headers;
    if (host === undefined && raw.httpVersion === '1.0') return;
    if (host === undefined) {
      throw new MainstemError('REQUEST_INVALID', { reason: 'it has no Host header' });
    }
    if (!accepts(host)) throw new MainstemError('REQUEST_HOST', { host: shorten(host) });
  };
  app.addHook('onRequest', atOnce(check));
}

/**
 * Decides which Host headers are answered: the configured ones; without them, loopback names if the server listens on
 * loopback, and any otherwise.
 *
 * @example createHostCheck({ host: '127.0.0.1', hosts: '' })('evil.example:8080') // false
 */
export function createHostCheck(config: {
  readonly host: string;
  readonly hosts: string;
}): (header: string) => boolean {
  const names = config.hosts.split(',').flatMap((name) => nameOf(name.trim()) ?? []);
  if (names.includes('*')) return () => true;
  if (names.length === 0 && !isLoopback(nameOf(config.host) ?? '')) return () => true;
  // Clients ask for the same host again and again, and reading it as an address takes longer than the rest.
  let accepted = '';
  return (header) => {
    if (header === accepted) return true;
    const name = nameOf(header);
    const isAccepted = name !== null && (isLoopback(name) || names.includes(name));
    if (isAccepted) accepted = header;
    return isAccepted;
  };
}

/** The host without its port, in lower case, IPv6 without brackets; null if it cannot be one. */
function nameOf(host: string): string | null {
  if (host === '*') return host;
  if (host === '' || /[/?#@\\\s]/.test(host)) return null;
  const bare = host.includes(':') && /^[0-9a-f:.]+$/i.test(host) && host.split(':').length > 2;
  const url = URL.parse(`http://${bare ? `[${host}]` : host}`);
  return url ? url.hostname.replace(/^\[|\]$|\.$/g, '') : null;
}

function isLoopback(name: string): boolean {
  if (isIPv4(name)) return name.startsWith('127.');
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1';
}

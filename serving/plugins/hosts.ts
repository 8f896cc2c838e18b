import { isIPv4 } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MainstemError } from '../../platform/lib/errors.ts';
import { shorten } from '../../platform/lib/text.ts';
import { hostName } from '../host-name.ts';
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
    if (/^https?:/i.test(raw.url ?? ''))
      throw new MainstemError('REQUEST_INVALID', {
        reason: 'the address in its first line names no host',
      });
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
  const names = config.hosts.split(',').flatMap((name) => hostName(name.trim()) ?? []);
  if (names.includes('*')) return () => true;
  if (names.length === 0 && !isLoopback(hostName(config.host) ?? '')) return () => true;
  // Clients ask for the same host again and again, and reading it as an address takes longer than the rest.
  let accepted = '';
  return (header) => {
    if (header === accepted) return true;
    const name = hostName(header);
    const isAccepted = name !== null && (isLoopback(name) || names.includes(name));
    if (isAccepted) accepted = header;
    return isAccepted;
  };
}

function isLoopback(name: string): boolean {
  if (isIPv4(name)) return name.startsWith('127.');
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1';
}

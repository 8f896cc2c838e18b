import type { Attributes } from './render-span.ts';

/**
 * How whoever asks calls this server, for a span.
 *
 * @param host of the header, with its port; nothing of one that is none
 * @example serverOf('localhost:8080') // { 'server.address': 'localhost', 'server.port': 8080 }
 */
export function serverOf(host: string | undefined): Attributes {
  const url = host ? URL.parse(`http://${host}`) : null;
  if (url === null || url.hostname === '') return {};
  const address = url.hostname.replace(/^\[|\]$/g, '');
  return {
    'server.address': address,
    'server.port': url.port === '' ? undefined : Number(url.port),
  };
}

/**
 * The name in a host as requests and settings write it: without its port, in lower case, IPv6 without brackets; null if it cannot be one.
 *
 * @example hostName('Farm.example:8080') // 'farm.example'
 */
export function hostName(host: string): string | null {
  if (host === '*') return host;
  if (host === '' || /[/?#@\\\s]/.test(host)) return null;
  const bare = host.includes(':') && /^[0-9a-f:.]+$/i.test(host) && host.split(':').length > 2;
  const url = URL.parse(`http://${bare ? `[${host}]` : host}`);
  return url ? url.hostname.replace(/^\[|\]$|\.$/g, '') : null;
}

import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a browser sent a request from another web site, as it says itself: by `Sec-Fetch-Site`, or where it sends none
 * (over plain HTTP, or an old one) by `Origin`. A program that sends neither is no browser.
 *
 * @param trusted origins that count as this site
 */
export function isCrossSite(
  headers: IncomingHttpHeaders,
  trusted: ReadonlySet<string> = new Set(),
): boolean {
  const { origin, host = '' } = headers;
  if (origin !== undefined && trusted.has(origin)) return false;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'cross-site' || site === 'same-site';
  return origin !== undefined && URL.parse(origin)?.host !== host.toLowerCase();
}

/** Whether a browser says that this site's own page sent the request: what a cookie alone does not prove. */
export function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  const says = headers['sec-fetch-site'] !== undefined || headers.origin !== undefined;
  return says && !isCrossSite(headers);
}

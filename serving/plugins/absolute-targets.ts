import type { RequestListener } from 'node:http';

/** The scheme, the authority, and the rest of a request's target in absolute form. */
const absolute = /^https?:\/\/([^/?#]+)([^#]*)/i;

/**
 * Gives a listener requests whose target is a path. One that names a server as well (`GET http://farm.example/version`) is for that one,
 * whatever its Host header says: https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2
 */
export function resolveAbsoluteTargets(listener: RequestListener): RequestListener {
  return (request, response) => {
    if (request.url?.[0] !== '/') {
      const [, authority, rest = ''] = absolute.exec(request.url ?? '') ?? [];
      if (authority !== undefined) {
        request.url = rest[0] === '/' ? rest : `/${rest}`;
        // A request of HTTP/1.1 needs the header all the same.
        if (request.headers.host !== undefined || request.httpVersion === '1.0')
          request.headers.host = authority;
      }
    }
    listener(request, response);
  };
}

import { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';
import { IncomingMessage, ServerResponse } from './node-http.ts';

/** The page loads nothing from elsewhere and runs no inline code. */
const pageDirectives = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'blob:'],
  'connect-src': ["'self'"],
  'manifest-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/** For the API's documentation: Swagger UI needs `data:` icons and inline styles. */
export const docsPolicy = renderPolicy({
  ...pageDirectives,
  'img-src': ["'self'", 'data:'],
  'style-src': ["'self'", "'unsafe-inline'"],
});

/**
 * The headers of every response, as helmet sets them: read from it once, because the responses that Node's server writes
 * beneath the framework (to what it could not parse, or under overload) need them, too.
 */
export const securityHeaders: Readonly<Record<string, string>> = readHeaders(
  helmet({
    contentSecurityPolicy: { useDefaults: false, directives: pageDirectives },
    xFrameOptions: { action: 'deny' },
    // Whoever ends TLS before this server knows whether all of the host speaks it.
    strictTransportSecurity: false,
  }),
);

/** Sets the security headers of every response that a route or a hook sends. */
export function addSecurityHeaders(app: FastifyInstance): void {
  const headers = Object.entries(securityHeaders);
  app.addHook('onSend', (_request, reply, _payload, done) => {
    const known = reply.getHeaders();
    for (const [name, value] of headers) if (known[name] === undefined) reply.header(name, value);
    done();
  });
}

function readHeaders(middleware: ReturnType<typeof helmet>): Record<string, string> {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  middleware(request, response, (error) => {
    if (error) throw error;
  });
  const entries = Object.entries(response.getHeaders());
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

function renderPolicy(directives: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(directives)
    .map(([name, values]) => [name, ...values].join(' '))
    .join('; ');
}

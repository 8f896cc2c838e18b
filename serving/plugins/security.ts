import type { FastifyInstance } from 'fastify';

/** The page loads nothing from elsewhere and runs no inline code. */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** For the API's documentation: Swagger UI needs `data:` icons and inline styles. */
export const docsPolicy = pagePolicy
  .replace("img-src 'self' blob:", "img-src 'self' data:")
  .replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");

/** The headers of every response. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': pagePolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

/** Sets the security headers of every response that a route or a hook sends. */
export function addSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onSend', async (_request, reply) => {
    for (const [name, value] of Object.entries(securityHeaders)) {
      if (!reply.hasHeader(name)) reply.header(name, value);
    }
  });
}

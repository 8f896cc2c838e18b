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

/** Sets the security headers of every response. */
export function addSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('content-security-policy')) {
      reply.header('content-security-policy', pagePolicy);
    }
    reply.header('x-content-type-options', 'nosniff');
    reply.header('referrer-policy', 'no-referrer');
    reply.header('cross-origin-resource-policy', 'same-origin');
    reply.header('cross-origin-opener-policy', 'same-origin');
  });
}

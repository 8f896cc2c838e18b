import { type Config, listOf } from '../config.ts';
import type { App } from '../services.ts';

/**
 * Lets pages of the named web sites call the API (CORS), with a key and never with a cookie. Without names nothing is
 * allowed, and no header says otherwise. Call it before `addUnknownRoutes`: preflights are answered for every path.
 */
export async function addOrigins(app: App, { origins }: Config): Promise<void> {
  const allowed = listOf(origins);
  if (allowed.length === 0) return;
  const { default: cors } = await import('@fastify/cors');
  await app.register(cors, {
    origin: allowed,
    methods: ['GET', 'HEAD', 'POST'],
    allowedHeaders: ['authorization', 'content-type', 'inference-header-content-length'],
    exposedHeaders: [
      'retry-after',
      'ratelimit',
      'ratelimit-policy',
      'www-authenticate',
      'inference-header-content-length',
    ],
    credentials: false,
    maxAge: 600,
    // Whatever else comes with OPTIONS is a method that the path does not have.
    strictPreflight: true,
  });
}

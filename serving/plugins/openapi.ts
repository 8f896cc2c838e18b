import { readFile } from 'node:fs/promises';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { App } from '../services.ts';
import { docsPolicy } from './security.ts';

/** Path of the page with the API's documentation. */
export const docsPath = '/docs';

/**
 * Adds `/openapi.json` and a page that shows it; all its files come from this server. Call it before adding routes.
 *
 * @throws NodeJS.ErrnoException if the icon cannot be read.
 */
export async function addOpenApi(app: App): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Mainstem',
        description: 'Predictions from the models that the main branch names.',
        version: '1',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
    },
  });
  const icon = await readFile(new URL('../web/icon.svg', import.meta.url));
  await app.register(swaggerUi, {
    routePrefix: docsPath,
    staticCSP: docsPolicy,
    logo: { type: 'image/svg+xml', content: icon, href: '/', target: '_self' },
    theme: { title: 'Mainstem API' },
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}

import { readFile } from 'node:fs/promises';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { App } from '../services.ts';
import { docsPolicy } from './security.ts';

/** Where the API's description and its page are. */
export const docsPath = '/docs';

/** `/openapi.json`, and a page that shows it, from files of this server alone. Register before the routes. */
export async function addOpenApi(app: App): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Mainstem',
        description: 'Predictions of the models that the main branch names.',
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
    theme: { title: 'Mainstem: for programs' },
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}

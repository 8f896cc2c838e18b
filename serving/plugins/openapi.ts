import { readFile } from 'node:fs/promises';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { scopeOfRoute } from '../access/route-scopes.ts';
import { describeModels } from '../openapi/describe-models.ts';
import { isRepositoryUrl } from '../routes/body-rule.ts';
import type { App, Services } from '../services.ts';
import { docsPolicy } from './security.ts';

/** Path of the page with the API's documentation. */
export const docsPath = '/docs';

/** How a caller says who it is, where the server asks for it. */
const securitySchemes = {
  key: {
    type: 'http',
    scheme: 'bearer',
    description:
      'An access key (mainstem_…), or a JSON Web Token of the issuer that the server was set up for.',
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'mainstem',
    description: 'The cookie of a login; over TLS its name begins with __Host-.',
  },
} as const;

/** Nothing for open routes. A server that asks for no keys answers without them, hence the last alternative. */
function securityOf(url: string): Record<string, string[]>[] {
  const scope = scopeOfRoute(url);
  return scope === null ? [] : [{ key: [scope] }, { session: [scope] }, {}];
}

/**
 * Adds `/openapi.json`, which describes what answers now, and a page that shows it; all its files come from this server. Call it
 * before adding routes.
 *
 * @throws NodeJS.ErrnoException if the icon cannot be read.
 */
export async function addOpenApi(app: App, services: Services): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Mainstem',
        description: 'Predictions from the models that the main branch names.',
        version: '1',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: { securitySchemes },
    },
    transform: ({ schema, url }) => ({ schema: { ...schema, security: securityOf(url) }, url }),
    transformObject: (document) => {
      if (!('openapiObject' in document)) return document.swaggerObject;
      // The framework describes every body as required.
      for (const [url, path] of Object.entries(document.openapiObject.paths ?? {})) {
        const body = path?.post?.requestBody;
        if (isRepositoryUrl(url) && body && 'required' in body) body.required = false;
      }
      return document.openapiObject;
    },
  });
  const icon = await readFile(new URL('../web/icon.svg', import.meta.url));
  await app.register(swaggerUi, {
    routePrefix: docsPath,
    staticCSP: docsPolicy,
    logo: { type: 'image/svg+xml', content: icon, href: '/', target: '_self' },
    theme: { title: 'Mainstem API' },
    transformSpecification: (document) => describe(document),
  });
  const describe = createDescriber(services);
  app.get('/openapi.json', { schema: { hide: true } }, async () => describe({ ...app.swagger() }));
}

/** Describes what answers now; as long as that is the same, the document is. */
function createDescriber({ lineup, config }: Services) {
  let last: { readonly of: string; readonly document: object } | undefined;
  return (document: Readonly<Record<string, unknown>>): Record<string, unknown> => {
    const { models, answering } = lineup;
    const of = JSON.stringify(
      [models, answering].map((list) => list.map(({ pointer }) => pointer)),
    );
    if (last?.of !== of)
      last = { of, document: describeModels(document, { models, answering, config }) };
    return { ...last.document };
  };
}

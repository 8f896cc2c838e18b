import fastify, {
  type FastifyReply,
  type FastifyRequest,
  type FastifySchema,
  type HTTPMethods,
  type RouteOptions,
} from 'fastify';
import { readFile } from '../../platform/lib/read-text.ts';
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

/** A route as it is described. */
interface Described {
  readonly method: HTTPMethods | HTTPMethods[];
  readonly url: string;
  readonly schema?: FastifySchema;
}

/** Headers that each answer has of its own. */
const ownHeaders = new Set(['connection', 'content-length', 'date', 'transfer-encoding']);

/**
 * Adds `/openapi.json`, which describes what answers now, and a page that shows it; all its files come from this server. What
 * describes is loaded when somebody asks for it first: it takes as many files as a fifth of the server. Call it before adding routes.
 */
export function addOpenApi(app: App, services: Services): void {
  const routes: Described[] = [];
  app.addHook('onRoute', ({ method, url, schema }: RouteOptions) => {
    routes.push({ method, url, ...(schema && { schema }) });
  });
  const describe = createDescriber(services);
  let opened: ReturnType<typeof openDocs> | undefined;
  const open = () => {
    opened ??= openDocs(routes, describe);
    // What could not be loaded, for want of descriptors, is tried again by the next request.
    opened.catch(() => {
      opened = undefined;
    });
    return opened;
  };
  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    const docs = await open();
    const { url, headers } = request;
    const found = await docs.inject({ method: 'GET', url, headers });
    if (found.statusCode === 404) return reply.callNotFound();
    for (const [name, value] of Object.entries(found.headers))
      if (value !== undefined && !ownHeaders.has(name)) reply.header(name, value);
    return reply.code(found.statusCode).send(found.rawPayload);
  };
  const hidden = { schema: { hide: true } };
  app.get('/openapi.json', hidden, async () => describe({ ...(await open()).swagger() }));
  app.get(docsPath, hidden, answer);
  app.get(`${docsPath}/*`, hidden, answer);
}

/** An application that only describes routes, and shows that on a page. */
async function openDocs(
  routes: readonly Described[],
  describe: ReturnType<typeof createDescriber>,
) {
  const [{ default: swagger }, { default: swaggerUi }, icon] = await Promise.all([
    import('@fastify/swagger'),
    import('@fastify/swagger-ui'),
    readFile(new URL('../web/icon.svg', import.meta.url)),
  ]);
  const docs = fastify({ routerOptions: { ignoreTrailingSlash: true }, exposeHeadRoutes: false });
  // Nothing is checked here: these routes are never asked for anything.
  docs.setValidatorCompiler(() => () => true);
  await docs.register(swagger, {
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
  await docs.register(swaggerUi, {
    routePrefix: docsPath,
    staticCSP: docsPolicy,
    logo: { type: 'image/svg+xml', content: icon, href: '/', target: '_self' },
    theme: { title: 'Mainstem API' },
    transformSpecification: (document) => describe(document),
  });
  for (const route of routes) {
    const isShown = route.method !== 'HEAD' && !('hide' in (route.schema ?? {}));
    if (isShown) docs.route({ ...route, handler: async () => null });
  }
  await docs.ready();
  return docs;
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

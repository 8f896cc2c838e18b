import type { Scope } from '../../platform/schemas/access-names.ts';

/**
 * Which scope a route asks for, by its URL or the path of its gRPC method; `open` for everybody. A route that is not named
 * here asks for `admin`, so that a new one is closed until somebody decides.
 *
 * Health checks are open: what probes a server (a load balancer, Kubernetes, a container's health check) holds no key, and
 * they say nothing but yes or no. The page's files are open because they are the login; they are the same on every server.
 */
const routeScopes: Readonly<Record<string, Scope | 'open'>> = {
  '/healthz': 'open',
  '/readyz': 'open',
  '/v2/health/live': 'open',
  '/v2/health/ready': 'open',
  '/session': 'open',
  '/': 'open',
  '/page.css': 'open',
  '/answers.css': 'open',
  '/page.js': 'open',
  '/photos.js': 'open',
  '/form.js': 'open',
  '/answer.js': 'open',
  '/explain.js': 'open',
  '/api.js': 'open',
  '/session.js': 'open',
  '/icon.svg': 'open',
  '/predict': 'predict',
  '/models': 'predict',
  '/models/:name/predict': 'predict',
  '/feedback': 'feedback',
  '/models/:name/feedback': 'feedback',
  '/v2': 'predict',
  '/v2/': 'predict',
  '/v2/models/:name': 'predict',
  '/v2/models/:name/ready': 'predict',
  '/v2/models/:name/infer': 'predict',
  '/v2/models/:name/explain': 'predict',
  '/v2/models/:name/versions/:version': 'predict',
  '/v2/models/:name/versions/:version/ready': 'predict',
  '/v2/models/:name/versions/:version/infer': 'predict',
  '/v2/models/:name/versions/:version/explain': 'predict',
  '/v2/repository/index': 'admin',
  '/v2/repository/models/:name/load': 'admin',
  '/v2/repository/models/:name/unload': 'admin',
  '/openapi.json': 'predict',
  '/version': 'metrics',
  '/metrics': 'metrics',
  '/inference.GRPCInferenceService/ServerLive': 'open',
  '/inference.GRPCInferenceService/ServerReady': 'open',
  '/inference.GRPCInferenceService/ModelReady': 'predict',
  '/inference.GRPCInferenceService/ServerMetadata': 'predict',
  '/inference.GRPCInferenceService/ModelMetadata': 'predict',
  '/inference.GRPCInferenceService/ModelInfer': 'predict',
  '/inference.GRPCInferenceService/RepositoryIndex': 'admin',
  '/inference.GRPCInferenceService/RepositoryModelLoad': 'admin',
  '/inference.GRPCInferenceService/RepositoryModelUnload': 'admin',
};

/** Whether somebody has decided what a route asks for. */
export function hasScope(url: string): boolean {
  return isDocs(url) || Object.hasOwn(routeScopes, url);
}

/**
 * The scope that a route asks for; null if it is open to everybody.
 *
 * @param url of the route, as it was added
 * @example scopeOfRoute('/models/:name/predict') // 'predict'
 */
export function scopeOfRoute(url: string): Scope | null {
  const scope = isDocs(url)
    ? 'predict'
    : Object.hasOwn(routeScopes, url)
      ? routeScopes[url]
      : 'admin';
  return scope === 'open' ? null : (scope ?? 'admin');
}

/** The description of the API and its files. */
const isDocs = (url: string) => url === '/docs' || url.startsWith('/docs/');

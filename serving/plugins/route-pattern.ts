/**
 * A route's URL as a pattern of paths.
 *
 * @example buildRoutePattern('/models/:name/predict').test('/models/penguins/predict') // true
 */
export function buildRoutePattern(url: string): RegExp {
  const source = url
    .replace(/\/$/, '')
    .replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll(/:\w+/g, '[^/]+')
    .replaceAll('*', '.*');
  return new RegExp(`^${source}/?$`);
}

/** What a registry demands in `WWW-Authenticate`. */
export type Challenge =
  | { readonly scheme: 'basic' }
  | {
      readonly scheme: 'bearer';
      readonly realm: string;
      readonly service: string | undefined;
      readonly scope: string | undefined;
    };

/**
 * Reads a challenge; undefined if there is none that we can meet.
 *
 * @example parseChallenge('Bearer realm="https://ghcr.io/token",service="ghcr.io"')
 * // { scheme: 'bearer', realm: 'https://ghcr.io/token', service: 'ghcr.io', scope: undefined }
 */
export function parseChallenge(header: string | null): Challenge | undefined {
  const bearer = /(?:^|,\s*)bearer\s+(.*)$/is.exec(header ?? '');
  if (!bearer) return /(?:^|,\s*)basic\b/i.test(header ?? '') ? { scheme: 'basic' } : undefined;
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, plain] of (bearer[1] ?? '').matchAll(
    /(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g,
  )) {
    if (!parameters.has(name.toLowerCase()))
      parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '');
  }
  const realm = parameters.get('realm');
  if (!realm) return undefined;
  return {
    scheme: 'bearer',
    realm,
    service: parameters.get('service'),
    scope: parameters.get('scope'),
  };
}

/** Where an S3 remote is. */
export interface S3Place {
  readonly bucket: string;
  /** Before every key: empty, or with a final `/`. */
  readonly prefix: string;
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
  readonly profile: string | undefined;
  /** Whether the bucket stands in the path instead of the host's name. */
  readonly pathStyle: boolean;
}

/**
 * Reads `s3://<bucket>[/<prefix>][?endpoint=…&region=…&profile=…&style=path|virtual]`; undefined if it is not one. With
 * an endpoint of its own the bucket stands in the path, which all servers understand.
 */
export function parseS3Address(
  address: string,
  environment: Readonly<Record<string, string | undefined>>,
): S3Place | undefined {
  const [, bucket, path = '', query = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9._-]{1,61}[a-z0-9])(\/[^?]*)?(?:\?(.*))?$/.exec(address) ?? [];
  if (!bucket) return undefined;
  const options = new URLSearchParams(query);
  const known = new Set(['endpoint', 'region', 'profile', 'style']);
  if ([...options.keys()].some((name) => !known.has(name))) return undefined;
  const parts = path.split('/').filter((part) => part !== '');
  const endpoint =
    options.get('endpoint') || environment.AWS_ENDPOINT_URL_S3 || environment.AWS_ENDPOINT_URL;
  if (endpoint && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) return undefined;
  const style = options.get('style') ?? (endpoint ? 'path' : 'virtual');
  return {
    bucket,
    prefix: parts.map((part) => `${part}/`).join(''),
    endpoint: endpoint || undefined,
    region: options.get('region') ?? undefined,
    profile: options.get('profile') ?? undefined,
    pathStyle: style === 'path',
  };
}

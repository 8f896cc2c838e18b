import { hidePassword } from '../hide-password.ts';

/** Where an S3 remote is. */
export interface S3Place {
  readonly bucket: string;
  /** Before every key: empty, or with a final `/`. */
  readonly prefix: string;
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
  /** Counts before keys in the environment. */
  readonly profile: string | undefined;
  /** Whether the bucket stands in the path instead of the host's name. */
  readonly pathStyle: boolean;
}

/**
 * Reads `s3://<bucket>[/<prefix>][?endpoint=…&region=…&profile=…&style=path|virtual]`; what is wrong with it, in words that
 * follow the address, if it is not one. With an endpoint of its own the bucket stands in the path, which all servers understand.
 */
export function parseS3Address(
  address: string,
  environment: Readonly<Record<string, string | undefined>>,
): S3Place | string {
  const [, bucket, path = '', query = ''] =
    /^s3:\/\/([^/?]+)(\/[^?]*)?(?:\?(.*))?$/.exec(address) ?? [];
  if (!bucket) return 'is not of the form s3://<bucket>';
  if (!/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/.test(bucket)) return badBucket;
  const options = new URLSearchParams(query);
  const unknown = [...options.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) {
    return `has an unknown option ${JSON.stringify(unknown)}; known are ${known.join(', ')}`;
  }
  const parts = path.split('/').filter((part) => part !== '');
  const endpoint =
    options.get('endpoint') || environment.AWS_ENDPOINT_URL_S3 || environment.AWS_ENDPOINT_URL;
  if (endpoint && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) {
    return 'has an endpoint that is no http(s) address';
  }
  if (endpoint && hidePassword(endpoint) !== endpoint) {
    return 'has a name or a password in its endpoint, which every message would show: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';
  }
  const style = options.get('style') ?? (endpoint ? 'path' : 'virtual');
  if (style !== 'path' && style !== 'virtual')
    return 'has a style that is neither path nor virtual';
  return {
    bucket,
    prefix: parts.map((part) => `${part}/`).join(''),
    endpoint: endpoint || undefined,
    region: options.get('region') ?? undefined,
    profile: options.get('profile') || environment.AWS_PROFILE || undefined,
    pathStyle: style === 'path',
  };
}

const known = ['endpoint', 'region', 'profile', 'style'];

const badBucket =
  'has no bucket by its name: a bucket has 3 to 63 small letters, digits, dots, hyphens or underscores';

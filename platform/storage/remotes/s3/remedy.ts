import { ownValue } from '../../../lib/own-value.ts';

/** What helps against the errors that people meet, by the name that S3 gives them. */
const remedies: Readonly<Record<string, string>> = {
  RequestTimeTooSkewed: "this machine's clock differs from the server's: set it",
  AccessDenied:
    'these credentials may not do that (a remote needs to list, get and put objects, and gc to delete them)',
  AllAccessDisabled: 'access to it is switched off',
  InvalidAccessKeyId: 'it does not know this AWS_ACCESS_KEY_ID',
  SignatureDoesNotMatch: 'AWS_SECRET_ACCESS_KEY is not the one of this AWS_ACCESS_KEY_ID',
  ExpiredToken: 'these credentials have expired: sign in again',
  InvalidToken: 'AWS_SESSION_TOKEN is not of these credentials',
  TokenRefreshRequired: 'these credentials have expired: sign in again',
  NotImplemented: 'it cannot do what was asked, which a remote needs',
  SlowDown: 'it has too much to do: try again later',
  ServiceUnavailable: 'it has too much to do: try again later',
  EntityTooLarge: 'it takes no object as large as this one',
  InvalidBucketName: 'there is no bucket of this kind of name',
};

const otherRegion = new Set([
  'PermanentRedirect',
  'TemporaryRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
]);

/**
 * What to do about an error of S3, after a colon; empty where nothing more is known.
 *
 * @param region of the bucket, if the answer names it (`x-amz-bucket-region`)
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export function remedyFor(name: string, region: string | undefined): string {
  if (otherRegion.has(name)) {
    const right = region ? `?region=${region}` : '?region=…';
    return `: the bucket is in another region; add ${right} to the address`;
  }
  const known = ownValue(remedies, name);
  return known ? `: ${known}` : '';
}

import { createPrivateKey, type KeyObject, sign } from 'node:crypto';

/** An app as it signs in. */
export interface SigningApp {
  readonly clientId: string;
  readonly key: KeyObject;
}

/** Reads the private key of an app. @throws Error of node:crypto where it is not one */
export function signingApp(clientId: string, privateKey: string): SigningApp {
  return { clientId, key: createPrivateKey(privateKey) };
}

/**
 * The JSON Web Token with which an app asks for a token of its installation: RS256, from a minute ago, because clocks differ,
 * for nine minutes of the ten that GitHub allows.
 *
 * @param now milliseconds
 * @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
export function signAppToken({ clientId, key }: SigningApp, now: number): string {
  const seconds = Math.floor(now / 1000);
  const claims = { iat: seconds - 60, exp: seconds + 9 * 60, iss: clientId };
  const signed = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

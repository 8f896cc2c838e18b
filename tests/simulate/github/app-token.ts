import { createPublicKey, verify } from 'node:crypto';
import type { Forge, Token } from './state.ts';

/**
 * Who an app is by the JSON Web Token that it signed with its private key, as GitHub checks it: RS256, of this app, in time,
 * for ten minutes at most. Null for anything else.
 */
export function tokenOfApp(forge: Forge, value: string): Token | null {
  const { app } = forge.settings;
  const [header = '', claims = '', signature = '', ...more] = value.split('.');
  if (!app || signature === '' || more.length > 0) return null;
  const key = createPublicKey(app.privateKey);
  const signed = Buffer.from(`${header}.${claims}`);
  if (!verify('RSA-SHA256', signed, key, Buffer.from(signature, 'base64url'))) return null;
  const { alg } = decode(header);
  const { iss, iat, exp } = decode(claims);
  const now = Date.now() / 1000;
  const inTime = Number(iat) <= now && Number(exp) > now && Number(exp) <= Number(iat) + 660;
  if (alg !== 'RS256' || iss !== app.clientId || !inTime || Number(exp) > now + 600) return null;
  return { value, kind: 'signed', login: app.slug, permissions: {}, repository: null };
}

function decode(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
}

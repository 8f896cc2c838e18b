import { randomBytes } from 'node:crypto';
import type { Forge, Permissions, Token } from './state.ts';

/** Makes a token that the stand-in knows. */
export function issueToken(
  forge: Forge,
  { kind, login, permissions, repository }: Omit<Token, 'value'>,
): Token {
  const prefix = { job: 'ghs_job', app: 'ghs_app', user: 'ghp_', signed: '' }[kind];
  const value = `${prefix}${randomBytes(18).toString('hex')}`;
  const token = { value, kind, login, permissions, repository };
  forge.tokens.set(value, token);
  return token;
}

/** A person's token, which may do everything. */
export function userToken(forge: Forge, login: string): Token {
  return issueToken(forge, { kind: 'user', login, permissions: 'all', repository: null });
}

/** A job's own token. */
export function jobToken(forge: Forge, permissions: Permissions): Token {
  const repository = forge.home.fullName;
  return issueToken(forge, { kind: 'job', login: 'github-actions[bot]', permissions, repository });
}

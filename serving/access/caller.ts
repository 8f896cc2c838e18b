import type { Scope } from '../../platform/schemas/access-names.ts';
import type { AccessKey } from '../../platform/schemas/keys-file.ts';

/** Who sent a request. */
export interface Caller {
  /** The key's name; {@link tokenCaller} for every holder of a token, since those are unbounded. */
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Requests a minute; null for any number. */
  readonly rate: number | null;
  /** The request came from the page, with the cookie of a login. */
  readonly bySession: boolean;
}

/** What callers with a JSON Web Token are called in metrics. No key has such a name. */
export const tokenCaller = 'JWT';

/** The holder of a key. */
export function callerOf({ name, scopes, rate }: AccessKey, bySession: boolean): Caller {
  return { name, scopes: new Set(scopes), rate, bySession };
}

/** Whether a caller may do what asks for a scope: `admin` may do everything. */
export function mayCall({ scopes }: Caller, scope: Scope): boolean {
  return scopes.has(scope) || scopes.has('admin');
}

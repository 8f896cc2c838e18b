import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorCode } from '../../platform/lib/error-codes.ts';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import type { Scope } from '../../platform/schemas/access-names.ts';
import type { AccessKey } from '../../platform/schemas/keys-file.ts';
import type { Access, Claim } from '../access/access.ts';
import { type Caller, mayCall } from '../access/caller.ts';
import type { KeysReporter } from '../access/keys.ts';
import type { Allowance } from '../access/rates.ts';
import { scopeOfRoute } from '../access/route-scopes.ts';
import { requestCost } from '../request-cost.ts';
import type { Services } from '../services.ts';
import { pathOf } from './chosen-models.ts';
import type { Instruments } from './instruments.ts';

/** What a request is refused for: values of the label `outcome`. */
const outcomes: Partial<Record<ErrorCode, string>> = {
  ACCESS_KEY_MISSING: 'missing',
  ACCESS_KEY_UNKNOWN: 'unknown',
  ACCESS_KEY_EXPIRED: 'expired',
  ACCESS_TOKEN_INVALID: 'token',
  ACCESS_ISSUER_UNREACHABLE: 'issuer',
  REQUEST_CROSS_SITE: 'cross-site',
};

/**
 * Lets a request pass whose sender may do what its route asks for. It comes before the body is admitted, so that whoever
 * has no key takes no place and no memory. Call it after `addUnknownRoutes` and before `addBodies`.
 */
export function addAccess(app: FastifyInstance, services: Gate & Pick<Services, 'models'>): void {
  const check = async (request: FastifyRequest, reply: FastifyReply, scope: Scope) => {
    const url = request.routeOptions.url ?? '';
    const name = pathOf(request.params).name;
    // All versions of a model take the same, and which of them answers is not chosen yet.
    const model = services.models.find((one) => one.name === name);
    await authorize(services, claimOf(request), scope, {
      cost: requestCost(model, url),
      onAllowance: (allowance) => showAllowance(reply, allowance),
    });
  };
  app.addHook('onRequest', (request, reply, done) => {
    const scope = scopeOfRoute(request.routeOptions.url ?? '');
    if (scope === null || !services.access.required) return done();
    check(request, reply, scope).then(() => done(), done);
  });
}

/** What decides about requests, and what counts them. */
interface Gate {
  readonly access: Access;
  readonly instruments: Instruments;
}

interface Counted {
  readonly cost?: number;
  readonly onAllowance?: (allowance: Allowance) => void;
}

/**
 * Lets a request pass whose sender may do what asks for a scope, and counts it.
 *
 * @param scope null for what is open to everybody
 * @param counted as how many requests it counts, and what is called if the sender has a limit of them
 * @throws MainstemError ACCESS_*, REQUEST_CROSS_SITE
 */
export async function authorize(
  { access, instruments }: Gate,
  claim: Claim,
  scope: Scope | null,
  { cost = 1, onAllowance = () => {} }: Counted = {},
): Promise<void> {
  if (scope === null || !access.required) return;
  const caller = await identify(access, claim, instruments);
  const { name, rate } = caller;
  const count = (outcome: string) => instruments.access.inc({ key: name, outcome });
  if (!mayCall(caller, scope)) {
    count('scope');
    throw new MainstemError('ACCESS_SCOPE_MISSING', { name, scope });
  }
  const allowance = rate === null ? null : access.rates.take(name, rate, performance.now(), cost);
  if (allowance) onAllowance(allowance);
  if (allowance?.allowed === false) {
    count('rate');
    throw new MainstemError('ACCESS_RATE_LIMIT', { rate, seconds: allowance.seconds });
  }
  count('admitted');
}

/** What a request says about its sender. */
export function claimOf({ method, headers, protocol }: FastifyRequest): Claim {
  return { method, headers, isSecure: protocol === 'https' };
}

async function identify(access: Access, claim: Claim, instruments: Instruments): Promise<Caller> {
  return access.identify(claim).catch((error: unknown) => {
    const outcome = isMainstemError(error) && outcomes[error.code];
    // Whoever is not known has no name that could be a label.
    if (outcome) instruments.access.inc({ key: '', outcome });
    throw error;
  });
}

/** Says what is left of the caller's minute (draft-ietf-httpapi-ratelimit-headers). */
function showAllowance(reply: FastifyReply, { allowed, rate, left, seconds }: Allowance): void {
  reply.header('ratelimit-policy', `"minute";q=${rate};w=60`);
  reply.header('ratelimit', `"minute";r=${left};t=${seconds}`);
  if (!allowed) reply.header('retry-after', String(seconds));
}

/** Tells the log and the metrics about the keys file, without ever naming a key's text. */
export function createKeysReporter(
  instruments: Instruments,
  log: () => Pick<FastifyInstance['log'], 'info' | 'error'> | undefined,
): KeysReporter {
  return {
    read(keys) {
      showKeys(instruments, keys);
      instruments.accessFileDamaged.set(0);
      log()?.info({ keys: keys.map(({ name }) => name) }, 'access keys were read');
    },
    keep({ code, message }) {
      instruments.accessFileDamaged.set(1);
      log()?.error({ code }, `${message} The access keys from before stay.`);
    },
  };
}

function showKeys({ accessKeyExpires }: Instruments, keys: readonly AccessKey[]): void {
  accessKeyExpires.reset();
  for (const { name, expiresAt } of keys)
    if (expiresAt !== null) accessKeyExpires.set({ key: name }, Date.parse(expiresAt) / 1000);
}

import { type Static, type TSchema, Type } from 'typebox';
import { MainstemError } from '../../platform/lib/errors.ts';
import { explainFetch } from '../../platform/lib/fetch-failure.ts';
import { inLanes } from '../../platform/lib/in-lanes.ts';
import { parseJson } from '../../platform/lib/json.ts';
import { type Answered, type Wait, waitAfter } from '../../platform/lib/wait-after.ts';
import type { RetryReason } from '../metrics.ts';
import { type SigningApp, signAppToken, signingApp } from './app-token.ts';
import type { BridgeConfig } from './config.ts';
import { type Ask, projectName } from './memory.ts';

/**
 * Every request that the bridge can make of GitHub, and the status with which GitHub says that it is done: a proxy that says 200
 * to anything has started nothing. A dispatch starts a workflow of the default branch, and that can only
 * open a pull request; nothing here writes a file, a branch, a release or a setting. What is read is what main promotes.
 */
export const calls = {
  installation: { method: 'GET', done: 200, path: '/repos/{repository}/installation' },
  installationToken: { method: 'POST', done: 201, path: '/app/installations/{id}/access_tokens' },
  dispatch: { method: 'POST', done: 204, path: '/repos/{repository}/dispatches' },
  models: { method: 'GET', done: 200, path: '/repos/{repository}/contents/models' },
  pointer: {
    method: 'GET',
    done: 200,
    path: '/repos/{repository}/contents/models/{model}/production.json',
  },
  promotions: {
    method: 'GET',
    done: 200,
    path: '/repos/{repository}/commits?path=models/{model}/production.json&per_page=1',
  },
} as const;
type Call = keyof typeof calls;

/** When to ask again: as GitHub's answer says, or at once with another token. */
type Retry = Omit<Wait, 'reason'> & { readonly reason: RetryReason };

/** How an attempt to send a dispatch ended. */
export type Attempt =
  | { readonly outcome: 'sent' }
  /** Sending it again would be refused again. */
  | { readonly outcome: 'refused'; readonly reason: string }
  | { readonly outcome: 'again'; readonly reason: string; readonly wait: Retry };

/** GitHub, as far as the bridge knows it. */
export interface BridgeGitHub {
  /** Makes one attempt; never throws for what GitHub or the network does. @param attempt from 1 */
  dispatch(ask: Ask, attempt: number): Promise<Attempt>;
  /** What the default branch promotes. @throws Error with what GitHub answered */
  promoted(): Promise<PromotedOnMain[]>;
}

/** A model that the default branch promotes. */
export interface PromotedOnMain {
  readonly model: string;
  readonly version: string;
  /** When the pointer was changed last, by a promotion or a rollback; milliseconds. */
  readonly changed: number;
}

/** What the client is built from. */
export interface GitHubOptions {
  readonly config: Pick<BridgeConfig, 'api' | 'repository' | 'credentials'>;
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
}

const patienceMs = 30_000;
/** A token is replaced while it is still good, so that none ends on its way. */
const renewMs = 5 * 60_000;
const mostText = 1024 * 1024;

const Installation = Type.Object({ id: Type.Integer() });
const InstallationToken = Type.Object({ token: Type.String(), expires_at: Type.String() });
const Folder = Type.Array(Type.Object({ type: Type.String(), name: Type.String() }));
const File = Type.Object({ content: Type.String() });
const Pointer = Type.Object({ run: Type.String({ pattern: '^[0-9a-f]{12}$' }) });
const Commits = Type.Array(
  Type.Object({ commit: Type.Object({ committer: Type.Object({ date: Type.String() }) }) }),
);

/**
 * Creates the client. Tokens of an app are asked for this repository and these rights only, kept until shortly before they
 * end, and replaced where GitHub no longer knows them.
 *
 * @throws MainstemError BRIDGE_CONFIG_INVALID if the app's key is not a private key
 */
export function createBridgeGitHub({ config, now, random }: GitHubOptions): BridgeGitHub {
  const send = createSender(config);
  const tokens = createTokens(config, send, now);
  return {
    async dispatch(ask, attempt) {
      try {
        const token = await tokens.current();
        await send('dispatch', { token, body: bodyOf(ask) });
        return { outcome: 'sent' };
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error;
        const reason = error.message;
        if (error.answer?.status === 401 && tokens.renew())
          return { outcome: 'again', reason, wait: { reason: 'token', milliseconds: 0 } };
        const wait = waitAfter(error.answer, attempt, now(), random());
        return wait ? { outcome: 'again', reason, wait } : { outcome: 'refused', reason };
      }
    },
    async promoted() {
      const token = await tokens.current();
      try {
        return await readPromoted((call, model) => send(call, { token, model }));
      } catch (error) {
        if (error instanceof Unanswered && error.answer?.status === 401) tokens.renew();
        throw error;
      }
    },
  };
}

type Reader = (call: Call, model?: string) => Promise<Answered>;

/** A folder without production.json promotes nothing; a repository without models has none. */
async function readPromoted(ask: Reader): Promise<PromotedOnMain[]> {
  const folder = await ifThere(ask('models'));
  if (folder === null) return [];
  const entries = read('models', folder, Folder).filter(({ type }) => type === 'dir');
  const names = entries.map(({ name }) => name).filter((name) => projectName.test(name));
  const found = await inLanes(names, 2, async (model) => {
    const answer = await ifThere(ask('pointer', model));
    if (answer === null) return [];
    const text = Buffer.from(read('pointer', answer, File).content, 'base64').toString('utf8');
    const { run } = read('pointer', { ...answer, text }, Pointer);
    const [last] = read('promotions', await ask('promotions', model), Commits);
    return last ? [{ model, version: run, changed: Date.parse(last.commit.committer.date) }] : [];
  });
  return found.flat();
}

function ifThere(asked: Promise<Answered>): Promise<Answered | null> {
  return asked.catch((error: unknown) => {
    if (error instanceof Unanswered && error.answer?.status === 404) return null;
    throw error;
  });
}

/** GitHub did not do what it was asked for. */
class Unanswered extends Error {
  readonly answer: Answered | null;
  constructor(call: Call, answer: Answered | null, reason: string) {
    super(`${calls[call].method} ${calls[call].path}: ${reason}`);
    this.answer = answer;
  }
}

interface Sent {
  readonly token: string;
  readonly body?: object;
  /** In the place of `{id}`. */
  readonly id?: number;
  /** In the place of `{model}`. */
  readonly model?: string | undefined;
}
type Sender = (call: Call, sent: Sent) => Promise<Answered>;

/** The only place where the bridge sends something. @returns what throws Unanswered for all but a success */
function createSender({ api, repository }: GitHubOptions['config']): Sender {
  return async (call, { token, body, id, model = '' }) => {
    const { method, path, done } = calls[call];
    const place = path
      .replace('{repository}', repository)
      .replace('{id}', String(id))
      .replace('{model}', model);
    const answer = await fetchText(`${api.replace(/\/$/, '')}${place}`, {
      method,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'user-agent': 'mainstem-bridge',
        'x-github-api-version': '2022-11-28',
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw new Unanswered(call, null, explainFetch(error).reason);
    });
    if (answer.status === done) return answer;
    if (answer.status >= 200 && answer.status < 300)
      throw new Unanswered(call, { ...answer, status: 502 }, `${answer.status} is not GitHub’s`);
    throw new Unanswered(call, answer, `${answer.status} ${messageOf(answer.text)}`);
  };
}

/** A redirect would take the token elsewhere, so it is an error. */
async function fetchText(url: string, request: RequestInit): Promise<Answered> {
  const signal = AbortSignal.timeout(patienceMs);
  const answer = await fetch(url, { ...request, redirect: 'error', signal });
  const text = (await answer.text()).slice(0, mostText);
  return { status: answer.status, headers: answer.headers, text };
}

function messageOf(text: string): string {
  try {
    return String(Object(JSON.parse(text)).message ?? '');
  } catch {
    return text.slice(0, 200);
  }
}

/** As .github/actions/lib/retrain-cause.ts and alert-payload.ts read it: other fields are refused there. */
function bodyOf({ action, project, fingerprint, alert, reason, version }: Ask): object {
  const payload = { project, fingerprint, alert, ...(reason && { reason }) };
  const about = action === 'revert' ? { ...payload, version } : payload;
  return { event_type: action, client_payload: about };
}

interface Tokens {
  current(): Promise<string>;
  /** Forgets a token that GitHub refused; whether another one may be better. */
  renew(): boolean;
}

function createTokens(
  { credentials, repository }: GitHubOptions['config'],
  send: Sender,
  now: () => number,
): Tokens {
  if ('token' in credentials) return { current: async () => credentials.token, renew: () => false };
  const app = readApp(credentials);
  let known: { readonly token: string; readonly ends: number; readonly fresh: boolean } | null =
    null;
  const isGood = () => known !== null && known.ends - now() > renewMs;
  return {
    async current() {
      if (known === null || !isGood())
        known = await installationToken(app, { repository, send, now });
      else known = { ...known, fresh: false };
      return known.token;
    },
    renew() {
      const wasOld = known !== null && !known.fresh;
      known = null;
      return wasOld;
    },
  };
}

function readApp({ clientId, privateKey }: { clientId: string; privateKey: string }): SigningApp {
  try {
    return signingApp(clientId, privateKey);
  } catch (cause) {
    const details = {
      ...{ key: 'MAINSTEM_BRIDGE_APP_KEY_FILE', value: 'not' },
      allowed: 'the path of a private key as PEM',
    };
    throw new MainstemError('BRIDGE_CONFIG_INVALID', details, { cause });
  }
}

async function installationToken(
  app: SigningApp,
  { repository, send, now }: { repository: string; send: Sender; now: () => number },
) {
  const signed = signAppToken(app, now());
  const place = read('installation', await send('installation', { token: signed }), Installation);
  const body = {
    repositories: [repository.split('/')[1]],
    permissions: { contents: 'write' },
  };
  const answer = await send('installationToken', { token: signed, id: place.id, body });
  const { token, expires_at: ends } = read('installationToken', answer, InstallationToken);
  return { token, ends: Date.parse(ends), fresh: true };
}

/** An answer that is not as GitHub describes it counts as a fault of the server. */
function read<T extends TSchema>(call: Call, answer: Answered, schema: T): Static<T> {
  try {
    return parseJson(answer.text, schema, 'the answer');
  } catch (error) {
    throw new Unanswered(
      call,
      { ...answer, status: 502 },
      String(error instanceof Error ? error.message : error),
    );
  }
}
